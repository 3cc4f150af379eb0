"""The command line: the same services from a shell. Errors are sentences on stderr, exit codes mean something.

Exit codes: 0 done; 1 refused; 2 wrong usage; 3 the project file failed. Those of `check` tell the worst that it found:
0 nothing, or notes; 1 something to look at; 2 something to look at now; 3 the project could not be checked.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from workbench.domain.errors import ImportRejected, Refused, WorkbenchError
from workbench.language import day, t, tn


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _project_path(name: str) -> Path:
    """PROJECT as given: a path to a .db file, or a name inside the projects' folder."""
    path = Path(name)
    if path.suffix == ".db" or path.parent != Path():
        return path if path.suffix == ".db" else path.with_suffix(".db")
    from workbench.services import projects

    return projects.project_file(projects.projects_dir(), name)


def _context(name: str):  # type: ignore[no-untyped-def]
    from workbench.services import projects
    from workbench.store.project import Store

    return projects.lead_context(Store.open(_project_path(name)))


def run(args: argparse.Namespace) -> int:
    """Open the app in a browser."""
    from .serve import serve

    return serve(port=args.port, open_browser=not args.no_browser, demo=args.demo)


def demo(args: argparse.Namespace) -> int:
    """Make a project that can be looked into: the demo study, or a published model."""
    from workbench.store.project import Store

    make: Callable[..., Store]
    if args.example == "port":
        from workbench.services.port_example import make_port as make
    else:
        from workbench.services.demo import make_demo as make
    path = _project_path(args.project)
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path, progress=lambda code: _say(t(code))).close()
    _say(t("cli.port_made" if args.example == "port" else "cli.demo_made", path=path))
    return 0


def import_files(args: argparse.Namespace) -> int:
    """Import transcripts; the project is created when absent."""
    from workbench.services import projects, sources
    from workbench.store.project import Store

    path = _project_path(args.project)
    files: list[tuple[str, bytes]] = []
    unread: dict[int, str] = {}
    for n, name in enumerate(args.files):
        try:
            files.append((Path(name).name, Path(name).read_bytes()))
        except OSError:
            unread[n] = t("cli.cannot_read", name=name)
            files.append((Path(name).name, b""))
    _say(tn("cli.reading", len(files)))
    parsed = sources.preview(files, encoding=args.encoding)
    if path.exists():
        store = Store.open(path)
    else:
        store = projects.create_project(path, name=args.name or path.stem, language=args.language or "en")
    ctx = projects.lead_context(store)
    report = []
    for n, ((name, data), found) in enumerate(zip(files, parsed, strict=True)):
        entry: dict[str, object] = {"name": name, "source": None, "layout": None, "encoding": None, "words": 0,
                                    "turns": 0, "speakers": {}, "warnings": [], "refused": None}  # fmt: skip
        if n in unread or isinstance(found, ImportRejected):
            entry["refused"] = unread.get(n) or t(found.code, **found.params)  # type: ignore[union-attr]
            _say(str(entry["refused"]))
        else:
            try:
                title = sources.proposed_title("other", len(sources.list_sources(ctx)) + 1)
                spoken = args.language or sources.proposed_language(found)
                source = sources.import_source(ctx, found, data, title=title, language=spoken)
            except Refused as refused:
                entry["refused"] = t(refused.code, **refused.params)
            else:
                entry |= {"source": source, "layout": found.layout, "encoding": found.encoding, "words": found.words,
                          "turns": len(found.turns), "speakers": found.speakers,
                          "warnings": [t(x.code, **dict(x.params)) for x in found.notices]}  # fmt: skip
                if not args.json:
                    print(t("cli.imported", name=name, words=found.words, turns=len(found.turns)))
        report.append(entry)
    store.close()
    if args.json:
        print(json.dumps({"project": str(path), "files": report}, ensure_ascii=False, indent=2))
    return 1 if any(e["refused"] for e in report) else 0


HANDED_OVER = ("analysis_table", "coding_tree", "theme_table", "coreq", "methods")
# What is made for meetings, groups and auditors, and the endings it has.
TAKEN_ALONG = ("pack", "minutes", "letters", "strip", "matrix", "paths", "requirements", "changes", "theory")
EXAMPLES = ("study", "port")


def export(args: argparse.Namespace) -> int:
    """Write a report (.docx), theme briefs (.pdf) or units and codebook (.xlsx); with --what, one of many other files."""
    out = Path(args.out)
    if args.what in TAKEN_ALONG:
        return _written(out, _taken_along(_context(args.project), args, out.suffix.lower()))
    if args.what:
        from workbench.services import hand_over

        return _written(
            out,
            hand_over.hand_over(
                _context(args.project), args.what, out.suffix, language=args.language or "en"
            ),
        )
    from workbench.services import exporting

    return _written(out, exporting.export(_context(args.project), out.suffix.lower()))


def _taken_along(ctx: Any, args: argparse.Namespace, suffix: str) -> bytes:
    """The bytes of one of TAKEN_ALONG. A meeting or version is named by its title, number or id; else the last one."""
    match args.what:
        case "pack":
            from workbench.services import meetings, pack_files

            meeting = _meeting(meetings.list_meetings(ctx), args.meeting) if args.meeting else None
            make = {".pdf": pack_files.pack_pdf, ".docx": pack_files.pack_docx}
            if suffix not in make:
                raise Refused("cli.unknown_pack", suffix=suffix)
            return make[suffix](ctx, meeting)
        case "minutes":
            from workbench.services import meetings, minutes_files

            held = meetings.list_meetings(ctx)
            meeting = _meeting(held, args.meeting) if args.meeting else minutes_files.last_meeting(ctx)
            return minutes_files.minutes_file(ctx, meeting, suffix)
        case "letters":
            from workbench.services import letters, versioning

            versions = versioning.list_versions(ctx)
            found = (
                [v for v in versions if args.version in (v.id, v.label, str(v.n))]
                if args.version
                else versions
            )
            if not found:
                raise Refused("cli.no_version", name=args.version or "")
            named = [name.casefold() for name in args.group]
            groups = [x.group for x in letters.letters_for(ctx, found[-1].id) if x.name.casefold() in named]
            if len(groups) < len(set(named)):
                raise Refused("cli.no_group", name=", ".join(args.group))
            return letters.letters_file(ctx, found[-1].id, suffix, groups=groups)
        case "strip":
            from workbench.services import trace_picture

            return trace_picture.trace_strip_file(ctx, suffix)
        case "theory":
            from workbench.services import theory

            return bytes(theory.theory_file(ctx))
        case kind:
            from workbench.services import trace_files

            return trace_files.trace_file(ctx, kind, suffix)


def _meeting(held: Sequence[Any], name: str) -> str:
    found = [m for m in held if name in (m.id, m.date) or m.title.casefold() == name.casefold()]
    if not found:
        raise Refused("cli.no_meeting", name=name)
    return str(found[-1].id)


def import_trace(args: argparse.Namespace) -> int:
    """Bring in a trace, or a table of requirements: all of it or nothing."""
    from workbench.services import projects, trace_import
    from workbench.store.project import Store

    path = _project_path(args.project)
    files: list[tuple[str, bytes]] = []
    for name in args.files:
        try:
            files.append((Path(name).name, Path(name).read_bytes()))
        except OSError:
            raise Refused("cli.cannot_read", name=name) from None
    if path.exists():
        ctx = projects.lead_context(Store.open(path))
        found = trace_import.preview(ctx, files)
    else:
        with TemporaryDirectory() as folder:  # judged in an empty project, so that none is left behind
            trial = projects.create_project(Path(folder) / "trial.db", name="trial")
            found = trace_import.preview(projects.lead_context(trial), files)
            trial.close()
    for said in found.notices:
        _say(said)
    for problem in found.problems:
        print(problem.text)
    if found.problems:
        _say(tn("cli.trace_problems", len(found.problems)))
        return 1
    told = ", ".join(f"{t(f'trace_import.kind.{kind}')} {n}" for kind, n in found.counts.items()) or "0"
    if args.dry_run:
        print(t("cli.trace_would", items=told, links=tn("cli.links", len(found.links))))
        return 0
    if not path.exists():
        ctx = projects.lead_context(projects.create_project(path, name=args.name or path.stem))
    done = trace_import.import_rows(ctx, found)
    print(t("cli.trace_imported", items=told, links=tn("cli.links", done.links)))
    ctx.store.close()
    return 0


def paper(args: argparse.Namespace) -> int:
    """Write a transcript, unit cards or walls as PDF, for the analysis team."""
    from workbench.services import paper

    ctx = _context(args.project)
    if args.kind == "transcript":
        data = paper.transcript(ctx, paper.find_sources(ctx, args.source), marks=args.marks)
    elif args.kind == "cards":
        groups, units = paper.find_code_groups(ctx, args.group), paper.find_units(ctx, args.unit)
        data = paper.cards(ctx, code_groups=groups, left_over=args.left_over, units=units)
    else:
        data = paper.wall(ctx, paper.find_code_groups(ctx, args.group), condensates=args.condensates)
    return _written(Path(args.out), data)


def _written(out: Path, data: bytes) -> int:
    """Write a file whole or not at all."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        making = out.with_name(out.name + ".part")
        making.write_bytes(data)
        making.replace(out)
    except OSError:
        raise Refused("cli.cannot_write", path=out) from None
    _say(t("cli.written", path=out))
    return 0


# What `check` ends with, by the worst that it found.
CHECKED = {"error": 2, "warning": 1, "note": 0}


def check(args: argparse.Namespace) -> int:
    """All checks; the exit code tells the worst that was found: 0 notes at most, 1 a warning, 2 an error."""
    from workbench.services.checks import all_issues

    try:
        issues = all_issues(_context(args.project))
    except Refused as refused:
        _say(t(refused.code, **refused.params))
        return 3
    if args.json:
        found = [asdict(i) | {"where": list(i.where), "sentence": t(i.code, **i.params)} for i in issues]
        print(json.dumps({"issues": found}, ensure_ascii=False, indent=2))
    else:
        for i in issues:
            print(f"{t('severity.' + i.severity)}: {t(i.code, **i.params)}")
        print(tn("cli.issues", len(issues)))
    return max((CHECKED[i.severity] for i in issues), default=0)


def trace(args: argparse.Namespace) -> int:
    """What a key (REQ-012) rests on, what rests on it, and whether something has changed since it was looked at."""
    from workbench.services import tracing, trust

    ctx = _context(args.project)
    down = tracing.because(ctx, args.key)
    up = tracing.resting_on(ctx, args.key) if args.down is args.up or args.up else []
    says = trust.told(ctx, down.id)
    if args.json:
        found = {"down": tracing.as_json(down), "up": [asdict(r) for r in up], "state": says}
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0

    def show(node: tracing.Because, depth: int) -> None:
        mark = t("trace.against") + " " if node.role == "contradicts" else ""
        print("  " * depth + f"{mark}{t('kind.' + node.kind)} {node.key} {node.label}".replace("  ", " "))
        for u in node.units:
            card = u.card
            against = t("trace.against") + " " if u.role == "contradicts" else ""
            print("  " * (depth + 1) + f"{against}“{card.unit.text}” ({', '.join(card.unit.speakers)}, "
                  f"{card.unit.source_title}, {t('trace.turn', n=card.unit.turn)})")  # fmt: skip
        for reason in node.reasons:
            show(reason, depth + 1)

    if args.down is args.up or args.down:
        show(down, 0)
    else:
        print(f"{t('kind.' + down.kind)} {down.key} {down.label}".replace("  ", " "))
    if says:
        print(says)
    if up:
        print(t("trace.rests_on_it"))
        for r in up:
            print(f"  {t('kind.' + r.kind)} {r.key} {r.label}".replace("  ", " "))
    return 0


def copy(args: argparse.Namespace) -> int:
    """Make a copy for a co-analyst to work on elsewhere."""
    from workbench.services import copies, projects

    ctx = _context(args.project)
    name = args.whom.strip()
    known = [m for m in projects.list_members(ctx.store) if m.name.casefold() == name.casefold()]
    if len(known) > 1:
        raise Refused("cli.several_members", name=name)
    if not name:
        raise Refused("copies.page.needs_name")
    copies.make_copy(
        ctx, Path(args.out), known[0].id if known else "", new_member="" if known else name,
        with_marks=not args.unseen,
    )  # fmt: skip
    _say(t("cli.copied", path=args.out, who=name))
    return 0


def merge(args: argparse.Namespace) -> int:
    """Bring in what was done in a co-analyst's copy."""
    from workbench.services import copies

    ctx = _context(args.project)
    do = copies.preview_merge if args.dry_run else copies.merge_copy
    merged = do(ctx, Path(args.copy))
    if args.json:
        told = {
            "copy": merged.copy, "who": merged.who, "came": dict(merged.came), "changed": merged.changed,
            "taken_out": merged.taken_out, "merged": not args.dry_run, "says": list(merged.says),
            "differences": [_difference(d) for d in merged.differences],
        }  # fmt: skip
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    if args.dry_run:
        print(t("cli.would_merge"))
    for said in merged.says:
        print(said)
    for d in merged.differences:
        print(f"  {d.says}")
    return 0


def differences(args: argparse.Namespace) -> int:
    """List what both sides have changed, or settle it."""
    from workbench.services import copies, merge_sides

    ctx = _context(args.project)
    if args.settle:
        left = 0
        for state in copies.merged_copies(ctx):
            settled = copies.choose(ctx, state.id, args.settle, state.differences)
            left += len(settled.left)
            if settled.done:
                print(tn("copies.page.settled", settled.done) + ".")
            for d, why in settled.left:
                print(f"{d.says} {why}")
        return 1 if left else 0
    found = copies.differences(ctx)
    if args.json:
        print(json.dumps({"differences": [_difference(d) for d in found]}, ensure_ascii=False, indent=2))
        return 0
    for told in merge_sides.tell(ctx, found):
        print(told.difference.says)
        for name, side in (("here", told.here), ("there", told.there)):
            said = "; ".join(f"{p.label}: {p.text}" if p.label else p.text for p in side.parts)
            by = f" ({side.who}, {day(side.at)})" if side.at else ""
            print(f"  {t(f'copies.page.side.{name}')}{by}: {said or t(f'copies.page.side.{name}.none')}")
    print(tn("cli.differences_found", len(found)))
    return 0


def _difference(d: Any) -> dict[str, object]:
    return asdict(d) | {"here": dict(d.here), "there": dict(d.there)}


def backup(args: argparse.Namespace) -> int:
    """Copy a project and its vault to a backup that has been opened to prove that it opens."""
    from workbench.store.backup import back_up

    made = back_up(_project_path(args.project), Path(args.out) if args.out else None)
    _say(t("cli.backed_up", path=made))
    return 0


def restore(args: argparse.Namespace) -> int:
    """Put a backup in a project's place; what stood there is backed up first."""
    from workbench.store.backup import restore as put_back

    put_back(_project_path(args.project), Path(args.backup))
    _say(t("cli.restored", name=args.project))
    return 0


def verify(args: argparse.Namespace) -> int:
    """Check a project file: structure, references, spans, and the chain of operations."""
    from workbench.store.verify import verify as find

    problems = find(_project_path(args.project))
    for p in problems:
        print(t(p.code, **p.params))
    print(t("cli.verified") if not problems else tn("cli.problems", len(problems)))
    return 1 if problems else 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="workbench", description=t("cli.about"))
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, function: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=t(f"cli.{name}"), description=t(f"cli.{name}"))
        made.set_defaults(function=function)
        return made

    p = command("run", run)
    p.add_argument("--port", type=int, default=8501, help=t("cli.arg.port"))
    p.add_argument("--no-browser", action="store_true", help=t("cli.arg.no_browser"))
    p.add_argument("--demo", action="store_true", help=t("cli.arg.demo"))
    p = command("demo", demo)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("--example", choices=EXAMPLES, default="study", help=t("cli.arg.example"))
    p = command("import", import_files)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("files", metavar="FILE", nargs="+", help=t("cli.arg.files"))
    p.add_argument("--name", help=t("cli.arg.name"))
    p.add_argument("--language", choices=("en", "da"), help=t("cli.arg.language"))
    p.add_argument("--encoding", help=t("cli.arg.encoding"))
    p.add_argument("--json", action="store_true", help=t("cli.arg.json"))
    p = command("import-trace", import_trace)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("files", metavar="TABLE", nargs="+", help=t("cli.arg.tables"))
    p.add_argument("--name", help=t("cli.arg.name"))
    p.add_argument("--dry-run", action="store_true", help=t("cli.arg.trace_dry_run"))
    p = command("export", export)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("out", metavar="OUT", help=t("cli.arg.out"))
    p.add_argument("--what", choices=(*HANDED_OVER, *TAKEN_ALONG), help=t("cli.arg.what"))
    p.add_argument("--meeting", help=t("cli.arg.meeting"))
    p.add_argument("--version", help=t("cli.arg.version"))
    p.add_argument("--group", action="append", default=[], metavar="NAME", help=t("cli.arg.letter_group"))
    p.add_argument("--language", choices=("en", "da"), help=t("cli.arg.methods_language"))
    p = command("paper", paper)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("kind", choices=("transcript", "cards", "wall"), help=t("cli.arg.paper_kind"))
    p.add_argument("out", metavar="OUT", help=t("cli.arg.paper_out"))
    p.add_argument("--source", action="append", default=[], help=t("cli.arg.source"))
    p.add_argument("--marks", action="store_true", help=t("cli.arg.marks"))
    p.add_argument("--group", action="append", default=[], help=t("cli.arg.group"))
    p.add_argument("--left-over", action="store_true", help=t("cli.arg.left_over"))
    p.add_argument("--unit", action="append", default=[], help=t("cli.arg.unit"))
    p.add_argument("--condensates", action="store_true", help=t("cli.arg.condensates"))
    p = command("check", check)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("--json", action="store_true", help=t("cli.arg.json"))
    p = command("trace", trace)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("key", metavar="KEY", help=t("cli.arg.key"))
    p.add_argument("--down", action="store_true", help=t("cli.arg.down"))
    p.add_argument("--up", action="store_true", help=t("cli.arg.up"))
    p.add_argument("--json", action="store_true", help=t("cli.arg.json"))
    p = command("copy", copy)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("out", metavar="OUT", help=t("cli.arg.copy_out"))
    p.add_argument("--for", dest="whom", metavar="NAME", required=True, help=t("cli.arg.for"))
    p.add_argument("--unseen", action="store_true", help=t("cli.arg.unseen"))
    p = command("merge", merge)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("copy", metavar="COPY", help=t("cli.arg.copy"))
    p.add_argument("--dry-run", action="store_true", help=t("cli.arg.dry_run"))
    p.add_argument("--json", action="store_true", help=t("cli.arg.json"))
    p = command("differences", differences)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("--settle", choices=("here", "there"), help=t("cli.arg.settle"))
    p.add_argument("--json", action="store_true", help=t("cli.arg.json"))
    p = command("backup", backup)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("out", metavar="OUT", nargs="?", help=t("cli.arg.backup_out"))
    p = command("restore", restore)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    p.add_argument("backup", metavar="BACKUP", help=t("cli.arg.backup"))
    p = command("verify", verify)
    p.add_argument("project", metavar="PROJECT", help=t("cli.arg.project"))
    return top


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        return int(args.function(args))
    except WorkbenchError as error:
        _say(t(error.code, **error.params))
        return 1 if isinstance(error, Refused) else 3
    except KeyboardInterrupt:
        _say(t("cli.stopped"))
        return 130


if __name__ == "__main__":
    sys.exit(main())
