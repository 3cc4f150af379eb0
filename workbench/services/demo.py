"""The demo study: read from the files a person can read in data/demo, made by the services a person uses."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.domain.errors import ImportRejected, Refused
from workbench.domain.records import Member
from workbench.domain.transcripts import ParsedTranscript
from workbench.store import queries
from workbench.store.project import Store

from . import (
    code_groups,
    coding,
    condensing,
    impressions,
    meetings,
    model,
    people,
    projects,
    sources,
    synthesis,
)
from .context import Context

Toml = dict[str, Any]


class _Clock:
    """The study's own time: each operation a minute after the one before, moved on by its dates."""

    def __init__(self, start: date) -> None:
        self._at = datetime.combine(start, time(8, 0), UTC)

    def __call__(self) -> datetime:
        self._at += timedelta(seconds=47)
        return self._at

    def move_to(self, day: date) -> None:
        self._at = max(self._at, datetime.combine(day, time(8, 0), UTC))


class _Ids(dict[str | tuple[str, str], str]):
    """Names used in the files -> ids in the project; an unknown one is an error in the files.

    Sessions have names of their own, since an interview and its transcript are often called the same."""

    def __missing__(self, name: str | tuple[str, str]) -> str:
        raise Refused("demo.unknown_name", name=name)


def read_study(folder: Path) -> tuple[Toml, Toml]:
    """(study, analysis) as written in the folder."""
    return (
        tomllib.loads((folder / "study.toml").read_text(encoding="utf-8")),
        tomllib.loads((folder / "analysis.toml").read_text(encoding="utf-8")),
    )


def make_demo(path: Path, *, progress: Callable[[str], None] = lambda _: None) -> Store:
    """Make the demo study's project at `path`, which must not exist yet.

    It is made beside its place and moved there whole, so that an interrupted run leaves nothing half."""
    if path.exists():
        raise Refused("project.exists", name=path.stem)
    folder = resources.path("data", "demo")
    study, analysis = read_study(folder)
    making = path.with_name(f".{path.stem}.making.db")
    for left in making.parent.glob(making.stem + "*"):
        left.unlink()
    store = _make(making, folder, study, analysis, progress)
    store.close()
    for suffix in (".vault.db", ".db"):
        making.with_suffix(suffix).rename(path.with_suffix(suffix))
    return Store.open(path)


def _make(path: Path, folder: Path, study: Toml, analysis: Toml, progress: Callable[[str], None]) -> Store:
    leads = [m for m in study["members"] if m.get("lead")]
    store = projects.create_project(
        path,
        name=study["name"],
        question=study["question"],
        lens=study.get("lens", ""),
        language=study.get("language", "en"),
        route=study.get("route", "stc"),
        invented=True,
        member_name=leads[0]["name"],
    )
    ids = _Ids()
    clock = _Clock(min(s["date"] for s in study["sessions"]) - timedelta(days=14))
    lead = replace(projects.lead_context(store), now=clock)
    ids[leads[0]["id"]] = lead.member.id
    for m in study["members"]:
        if m is not leads[0]:
            ids[m["id"]] = projects.add_member(
                lead, name=m["name"], role=m["role"], is_lead=bool(m.get("lead"))
            )
    with store.read() as conn:
        members = {m.id: m for m in queries.records(conn, Member)}
    acting = {m["id"]: replace(lead, member=members[ids[m["id"]]]) for m in study["members"]}
    facilitator = next((acting[m["id"]] for m in study["members"] if m["role"] == "facilitator"), lead)

    progress("demo.material")
    _material(lead, clock, folder, study, analysis, ids)
    progress("demo.impression")
    _impressions(acting, study, analysis, ids)
    progress("demo.code")
    _units(acting, lead, study, analysis, ids)
    progress("demo.condense")
    _condensates(lead, analysis, ids)
    progress("demo.synthesise")
    _synthesis(acting, lead, clock, analysis, ids)
    progress("demo.model")
    _model(facilitator, clock, analysis, ids)
    return store


def _material(ctx: Context, clock: _Clock, folder: Path, study: Toml, analysis: Toml, ids: _Ids) -> None:
    for g in study["groups"]:
        parent = ids[g["parent"]] if g.get("parent") else None
        ids[g["id"]] = people.add_group(
            ctx, name=g["name"], name_da=g.get("name_da", ""), monogram=g.get("monogram", ""),
            sector=g.get("sector", ""), parent=parent,
        )  # fmt: skip
    for p in study["participants"]:
        group = ids[p["group"]] if p.get("group") else None
        ids[p["code"]] = people.add_participant(
            ctx, pseudonym=p["pseudonym"], stakeholder_group=group, kind=p.get("kind", "informant"),
            consent=p.get("consent", "given"), quote_ok=p.get("quote_ok", True),
        )  # fmt: skip
    for s in study["sessions"]:
        ids["session", s["id"]] = sources.add_session(
            ctx, kind=s["kind"], title=s["title"], date=s["date"].isoformat()
        )
    files = [(s["file"], (folder / "transcripts" / s["file"]).read_bytes()) for s in study["sources"]]
    parsed = sources.preview(files)
    when = {s["id"]: s["date"] for s in study["sessions"]}
    for s, (_, data), found in zip(study["sources"], files, parsed, strict=True):
        if isinstance(found, ImportRejected):
            raise found
        assert isinstance(found, ParsedTranscript)
        if s.get("session") in when:
            clock.move_to(when[s["session"]] + timedelta(days=3))
        ids[s["id"]] = sources.import_source(
            ctx, found, data, title=s["title"], kind=s["kind"], words_of=s.get("words_of", "participant"),
            language=s.get("language", "en"), session=ids["session", s["session"]] if s.get("session") else None,
            iteration=s.get("iteration", 1), speakers={k: ids[v] for k, v in s["speakers"].items()},
        )  # fmt: skip


def _impressions(acting: dict[str, Context], study: Toml, analysis: Toml, ids: _Ids) -> None:
    researchers = [m["id"] for m in study["members"] if m["role"] == "researcher"]
    for who in researchers:
        for s in study["sources"]:
            impressions.mark_read(acting[who], ids[s["id"]], "impression")
    for note in analysis.get("impression", ()):
        impressions.write_impression(acting[note["member"]], ids[note["source"]], note["text"])
    for x in analysis["preliminary_themes"]:
        ids[x["id"]] = impressions.add_theme(acting[x["member"]], title=x["title"], note=x.get("note", ""))
    for who in researchers:
        impressions.submit_themes(acting[who])
    for x in analysis["agreed_themes"]:
        merged = tuple(ids[y] for y in x.get("from", ()))
        ids[x["id"]] = impressions.agree_theme(acting[researchers[0]], title=x["title"], merged=merged)


def _units(acting: dict[str, Context], lead: Context, study: Toml, analysis: Toml, ids: _Ids) -> None:
    for g in analysis["code_groups"]:
        ids[g["id"]] = code_groups.add_code_group(
            lead, name=g["name"], tag=g.get("tag", ""), definition=g.get("definition", ""),
            include=g.get("include", ""), exclude=g.get("exclude", ""),
            grown_from=[ids[x] for x in g.get("grown_from", ())],
        )  # fmt: skip
    group_of = {s["id"]: s["group"] for s in analysis["subgroups"]}
    readings = {s["id"]: sources.read_source(lead, ids[s["id"]]) for s in study["sources"]}
    for u in analysis["units"]:
        ctx = acting[u["member"]]
        reading = readings[u["source"]]
        if (
            not 1 <= u["turn"] <= len(reading.turns)
            or reading.turns[u["turn"] - 1].text.count(u["quote"]) != 1
        ):
            raise Refused("demo.quote_not_found", name=u["id"])
        turn = reading.turns[u["turn"] - 1]
        start = turn.turn.start + turn.text.index(u["quote"])
        groups = dict.fromkeys(group_of.get(x, x) for x in u.get("in", ()))
        ids[u["id"]] = coding.mark(
            ctx, reading.source.id, start, start + len(u["quote"]), text_rev=reading.source.text_rev,
            quote=u["quote"], placements=[{"code_group": ids[g]} for g in groups],
        )  # fmt: skip
    unfinished = {s for s in analysis.get("still_coding", ())}
    for s in study["sources"]:
        if s["id"] not in unfinished:
            impressions.mark_read(lead, ids[s["id"]], "code")


def _condensates(ctx: Context, analysis: Toml, ids: _Ids) -> None:
    for s in analysis["subgroups"]:
        inside = [ids[u["id"]] for u in analysis["units"] if s["id"] in u.get("in", ())]
        ids[s["id"]] = condensing.add_subgroup(ctx, ids[s["group"]], name=s["name"], units=inside)
    for c in analysis["condensates"]:
        voice = c.get("voice")
        ids[c["id"]] = condensing.add_condensate(
            ctx, ids[c["subgroup"]], text=c["text"], voice=voice if voice in (None, "mixed") else ids[voice],
            covers=[ids[u] for u in c["covers"]],
        )  # fmt: skip
        if c.get("golden"):
            condensing.set_golden(ctx, ids[c["id"]], ids[c["golden"]])
    for late in analysis.get("late_units", ()):
        condensing.move_units(ctx, ids[late["group"]], [ids[u] for u in late["units"]], ids[late["subgroup"]])


def _synthesis(acting: dict[str, Context], lead: Context, clock: _Clock, analysis: Toml, ids: _Ids) -> None:
    for t in analysis["categories"]:
        text = re.sub(r"\{unit:(\w+)\}", lambda m: "{{unit:" + ids[m[1]] + "}}", t["text"])
        ids[t["id"]] = synthesis.add_category(lead, ids[t["group"]], heading=t["heading"], analytic_text=text)
    for r in sorted(analysis["rereadings"], key=lambda r: r["date"]):
        clock.move_to(r["date"])
        impressions.mark_read(acting[r["member"]], ids[r["source"]], "synthesis", at=r["date"].isoformat())
    for r in analysis["recontext"]:
        unit = ids[r["unit"]] if r.get("unit") else None
        note = synthesis.note_recontext(
            acting[r.get("member", "mads")], ids[r["category"]], ids[r["source"]],
            verdict=r["verdict"], note=r["note"], unit=unit,
        )  # fmt: skip
        if r.get("answer"):
            synthesis.answer_recontext(lead, note, r["answer"])
    for p in analysis["matrix_phrases"]:
        synthesis.set_phrase(lead, ids[p["category"]], ids[p["group"]], p["phrase"])
    for e in analysis["evidence"]:
        ids[e["id"]] = synthesis.add_evidence(
            lead, ids[e["category"]], title=e["title"], citation=e["citation"], finding=e["finding"],
            verified=e.get("verified", False), role=e.get("role", "supports"),
        )  # fmt: skip
    for q in analysis["cleared_quotes"]:
        synthesis.clear_quote(
            acting[q.get("cleared_by", "anna")], ids[q["unit"]], printed=q["printed"], recognisable=False,
            translation=q.get("translation", ""), translator=q.get("translator", ""),
        )  # fmt: skip
    for t in analysis["categories"]:
        if t.get("status", "ready") == "ready":
            synthesis.set_category_status(lead, ids[t["id"]], "ready")


def _model(ctx: Context, clock: _Clock, analysis: Toml, ids: _Ids) -> None:
    for i in analysis["ideas"]:
        session = ids["session", i["session"]] if i.get("session") else None
        group = ids[i["group"]] if i.get("group") else None
        ids[i["id"]] = model.add_idea(ctx, text=i["text"], session=session, stakeholder_group=group)
    for r in analysis["requirements"]:
        ids[r["id"]] = model.add_requirement(
            ctx, statement=r["statement"], based_on=[ids[x] for x in r.get("based_on", ())],
            against=[ids[x] for x in r.get("against", ())], status="proposed",
            **{k: str(r[k]) for k in
               ("rationale", "basis", "basis_note", "moscow", "acceptance", "feasibility", "owner") if k in r},
        )  # fmt: skip
    for m in analysis["meetings"]:
        seats = "\n".join(m.get("attendance", ()))
        title, day = m["title"], m["date"].isoformat()
        ids[m["id"]] = meetings.add_meeting(ctx, title=title, date=day, attendance=seats)
    # Version by version: its components, the version, the meeting that follows it, what then changed.
    done: set[str] = set()
    versions = sorted(analysis["versions"], key=lambda v: v["date"])
    for n, v in enumerate(versions):
        clock.move_to(v["date"])
        for c in analysis["components"]:
            if c["id"] in v["components"] and c["id"] not in ids:
                realises = [ids[r] for r in c.get("realises", ())]
                ids[c["id"]] = model.add_component(
                    ctx, name=c["name"], description=c.get("description", ""), realises=realises
                )
        ids[v["label"]] = model.freeze_version(
            ctx, label=v["label"], note=v.get("note", ""), components=[ids[c] for c in v["components"]]
        )
        following = versions[n + 1]["date"] if n + 1 < len(versions) else date.max
        for m in sorted(analysis["meetings"], key=lambda m: m["date"]):
            if m["date"] < following and m["id"] not in done:
                done.add(m["id"])
                _decide(ctx, clock, m, analysis, ids)
        for change in analysis.get("changes", ()):
            if change["after_version"] == v["label"]:
                rev = next(
                    r for r in model.list_requirements(ctx) if r.requirement.id == ids[change["requirement"]]
                )
                fields = {
                    k: x for k, x in change.items() if k not in ("requirement", "after_version", "note")
                }
                model.change_requirement(ctx, ids[change["requirement"]], rev=rev.requirement.rev, **fields)
    for r in analysis["requirements"]:
        now = next(x for x in model.list_requirements(ctx) if x.requirement.id == ids[r["id"]])
        if now.requirement.status != r["status"]:
            model.set_requirement_status(ctx, ids[r["id"]], r["status"])


def _decide(ctx: Context, clock: _Clock, meeting: Toml, analysis: Toml, ids: _Ids) -> None:
    status = {r["id"]: r["status"] for r in analysis["requirements"]}
    for d in analysis["decisions"]:
        if d["meeting"] != meeting["id"]:
            continue
        ids[d["id"]] = meetings.add_decision(
            ctx, question=d["question"], nature=d["nature"], meeting=ids[d["meeting"]],
            recommendation=d.get("recommendation", ""), consequences=d.get("consequences", ""),
            rule=d.get("rule", "consensus"), revisit_if=d.get("revisit_if", ""),
            about=[ids[x] for x in d.get("about", ()) if x in ids],
        )  # fmt: skip
        if d.get("outcome"):
            clock.move_to(meeting["date"])
        for v in d.get("votes", ()):
            meetings.take_position(
                ctx, ids[d["id"]], seat=v["seat"], choice=v["choice"], reservation=v.get("reservation", "")
            )
        if d.get("outcome"):
            about = d.get("about", ())
            meetings.record_decision(
                ctx, ids[d["id"]], outcome=d["outcome"], why=d.get("why") or d["outcome"],
                accept=[ids[x] for x in about if status.get(x) == "accepted"],
                park=[ids[x] for x in about if status.get(x) == "parked"],
                at=meeting["date"].isoformat(),
            )  # fmt: skip
