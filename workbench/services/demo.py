"""The demo study: read from the files a person can read in data/demo, made by the services a person uses."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.domain.before import DIMENSIONS
from workbench.domain.errors import ImportRejected, Refused
from workbench.domain.records import Condensate
from workbench.domain.transcripts import ParsedTranscript
from workbench.store import queries
from workbench.store.project import Store

from . import (
    before,
    code_groups,
    coding,
    comments,
    condensing,
    coreq,
    counter_search,
    demo_committee,
    differences,
    double_coding,
    impressions,
    meetings,
    model,
    people,
    projects,
    quotes,
    rereading,
    sources,
    states,
    synthesis,
    versioning,
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
    """(study, analysis) as written in the folder; what was done with others is the analysis' `committee`."""
    study, analysis, committee = (
        tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        for name in ("study", "analysis", "committee")
    )
    return study, analysis | {"committee": committee}


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
    acting = {leads[0]["id"]: lead}
    for m in study["members"]:
        if m is not leads[0] and "joins" not in m:
            acting[m["id"]] = _join(lead, m, ids)
    facilitator = next((acting[m["id"]] for m in study["members"] if m["role"] == "facilitator"), lead)
    diary = _Diary(acting, clock, analysis)

    progress("demo.material")
    before.write_study(lead, "aim", analysis["before"]["aim"])
    _people(lead, study, ids)
    files = _read_files(folder, study)
    late = analysis["late"]["source"]
    for s in study["sources"]:
        if s["id"] != late:
            _source(lead, diary, study, s, files[s["id"]], ids)
    progress("demo.impression")
    _impressions(acting, diary, study, analysis, ids)
    progress("demo.code")
    _units(acting, lead, diary, study, analysis, ids)
    progress("demo.condense")
    _condensates(lead, diary, analysis, ids)
    progress("demo.synthesise")
    _synthesis(acting, lead, diary, analysis, ids)
    progress("demo.model")

    def second_round() -> None:
        for m in study["members"]:
            if "joins" in m:
                clock.move_to(m["joins"])
                acting[m["id"]] = _join(lead, m, ids)
        _comments(acting, diary, analysis, ids)
        _late(acting, lead, diary, study, files[late], analysis, ids)

    _model(facilitator, lead, clock, analysis, ids, {analysis["late"]["after_version"]: second_round})
    return store


def _join(lead: Context, member: Toml, ids: _Ids) -> Context:
    """A member of the project, and acting as them."""
    ids[member["id"]] = projects.add_member(
        lead, name=member["name"], role=member["role"], is_lead=bool(member.get("lead"))
    )
    return replace(
        lead, member=next(m for m in projects.list_members(lead.store) if m.id == ids[member["id"]])
    )


class _Diary:
    """What the analysts wrote down on a day of its own, whatever else they were at: guides, logs, information power."""

    def __init__(self, acting: dict[str, Context], clock: _Clock, analysis: Toml) -> None:
        self._acting, self._clock = acting, clock
        entries = [
            *((g, self._guide) for g in analysis["guides"]),
            *((e, self._log) for e in analysis["log"]),
            *((j, self._judge) for j in analysis["information_power"]),
        ]
        self._waiting = sorted(entries, key=lambda x: x[0]["date"])

    def move_to(self, day: date) -> None:
        """Move the study's time on to a day, and write what was written until then."""
        while self._waiting and self._waiting[0][0]["date"] <= day:
            entry, write = self._waiting.pop(0)
            self._clock.move_to(entry["date"])
            write(self._acting[entry["member"]], entry)
        self._clock.move_to(day)

    @staticmethod
    def _guide(ctx: Context, guide: Toml) -> None:
        before.write_study(ctx, "guide", guide["text"])

    @staticmethod
    def _log(ctx: Context, entry: Toml) -> None:
        before.add_entry(ctx, kind=entry["kind"], text=entry["text"], at=entry["date"].isoformat())

    @staticmethod
    def _judge(ctx: Context, judged: Toml) -> None:
        before.judge(
            ctx, occasion=judged["occasion"], at=judged["date"].isoformat(), conclusion=judged["conclusion"],
            levels={d: judged[d][0] for d in DIMENSIONS}, reasons={d: judged[d][1] for d in DIMENSIONS},
        )  # fmt: skip


def _people(ctx: Context, study: Toml, ids: _Ids) -> None:
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


def _read_files(folder: Path, study: Toml) -> dict[str, tuple[ParsedTranscript, bytes]]:
    """Every transcript by its source's name, all read in one go."""
    files = [(s["file"], (folder / "transcripts" / s["file"]).read_bytes()) for s in study["sources"]]
    read = {}
    for s, (_, data), found in zip(study["sources"], files, sources.preview(files), strict=True):
        if isinstance(found, ImportRejected):
            raise found
        assert isinstance(found, ParsedTranscript)
        read[s["id"]] = (found, data)
    return read


def _source(
    ctx: Context, diary: _Diary, study: Toml, s: Toml, file: tuple[ParsedTranscript, bytes], ids: _Ids
) -> None:
    """A session and its transcript, three days later."""
    session = next(x for x in study["sessions"] if x["id"] == s["session"])
    diary.move_to(session["date"] + timedelta(days=3))
    ids["session", session["id"]] = sources.add_session(
        ctx, kind=session["kind"], title=session["title"], date=session["date"].isoformat()
    )
    ids[s["id"]] = sources.import_source(
        ctx, *file, title=s["title"], kind=s["kind"], words_of=s.get("words_of", "participant"),
        language=s.get("language", "en"), session=ids["session", s["session"]],
        iteration=s.get("iteration", 1), speakers={k: ids[v] for k, v in s["speakers"].items()},
    )  # fmt: skip


def _impressions(acting: dict[str, Context], diary: _Diary, study: Toml, analysis: Toml, ids: _Ids) -> None:
    researchers = [m["id"] for m in study["members"] if m["role"] == "researcher" and m["id"] in acting]
    diary.move_to(analysis["negotiation"]["date"] - timedelta(days=2))
    for who in researchers:
        for s in study["sources"]:
            if s["id"] in ids:
                impressions.mark_read(acting[who], ids[s["id"]], "impression")
    for note in analysis.get("impression", ()):
        impressions.write_impression(acting[note["member"]], ids[note["source"]], note["text"])
    for x in analysis["preliminary_themes"]:
        ids[x["id"]] = impressions.add_theme(acting[x["member"]], title=x["title"], note=x.get("note", ""))
    for who in researchers:
        impressions.submit_themes(acting[who])
    diary.move_to(analysis["negotiation"]["date"])
    for x in analysis["agreed_themes"]:
        merged = tuple(ids[y] for y in x.get("from", ()))
        ids[x["id"]] = impressions.agree_theme(acting[researchers[0]], title=x["title"], merged=merged)
    impressions.write_minutes(acting[researchers[0]], analysis["negotiation"]["minutes"])


def _units(
    acting: dict[str, Context], lead: Context, diary: _Diary, study: Toml, analysis: Toml, ids: _Ids
) -> None:
    for g in analysis["code_groups"]:
        ids[g["id"]] = code_groups.add_code_group(
            lead, name=g.get("began_as", g["name"]), tag=g.get("tag", ""), definition=g.get("definition", ""),
            include=g.get("include", ""), exclude=g.get("exclude", ""),
            grown_from=[ids[x] for x in g.get("grown_from", ())],
        )  # fmt: skip
    group_of = {s["id"]: s["group"] for s in analysis["subgroups"]}
    began = {u: m["group"] for m in analysis["merges"] for u in m["began"]}
    unseen = analysis["unseen"]
    diary.move_to(unseen["date"])
    double_coding.open_unseen(lead, ids[unseen["source"]], [c.member.id for c in _analysts(acting)])
    readings = {s["id"]: sources.read_source(lead, ids[s["id"]]) for s in study["sources"] if s["id"] in ids}
    for u in analysis["units"]:
        groups = dict.fromkeys(
            [began[u["id"]]] if u["id"] in began else [group_of.get(x, x) for x in u.get("in", ())]
        )
        ids[u["id"]] = _mark(acting, readings[u["source"]], u, groups, ids)
    units = {u["id"]: u for u in analysis["units"]}
    twins = []
    for u in analysis["twins"]:
        turn = u["turn"] if "turn" in u else units[u["of"]]["turn"]
        twin = _mark(acting, readings[unseen["source"]], u | {"id": u["quote"], "turn": turn}, u["in"], ids)
        twins.append((u, twin))
    for ctx in _analysts(acting):
        double_coding.say_done(ctx, ids[unseen["source"]])
    for s in study["sources"]:
        if s["id"] in ids:
            impressions.mark_read(lead, ids[s["id"]], "code")
    diary.move_to(unseen["settled"])
    alike = [differences.Pick(ids[u["of"]], twin) for u, twin in twins if "of" in u and "note" not in u]
    differences.settle(lead, alike, "joined", words="first", groups="first")
    for u, twin in twins:
        if "note" in u:
            pick = differences.Pick(ids[u["of"]], twin) if "of" in u else differences.Pick(twin, None)
            outcome: differences.Outcome = "joined" if "of" in u else "taken_out"
            differences.settle(lead, [pick], outcome, words="first", groups="first", note=u["note"])
    kept = [differences.Pick(ids[u], None) for u in unseen["kept"]]
    differences.settle(lead, kept, "kept", note=unseen["kept_note"])
    _regroup(lead, diary, analysis, ids)


def _analysts(acting: dict[str, Context]) -> list[Context]:
    return [c for c in acting.values() if c.member.role == "researcher"]


def _mark(
    acting: dict[str, Context], reading: sources.Reading, u: Toml, groups: Iterable[str], ids: _Ids
) -> str:
    """Mark the words of a unit, which must occur once in its turn; returns its id."""
    if not 1 <= u["turn"] <= len(reading.turns) or reading.turns[u["turn"] - 1].text.count(u["quote"]) != 1:
        raise Refused("demo.quote_not_found", name=u["id"])
    turn = reading.turns[u["turn"] - 1]
    start = turn.turn.start + turn.text.index(u["quote"])
    return coding.mark(
        acting[u["member"]], reading.source.id, start, start + len(u["quote"]), text_rev=reading.source.text_rev,
        quote=u["quote"], placements=[{"code_group": ids[g]} for g in groups],
    )  # fmt: skip


def _regroup(ctx: Context, diary: _Diary, analysis: Toml, ids: _Ids) -> None:
    """Code groups that were renamed or merged after the first sorting."""
    for g in analysis["code_groups"]:
        if "began_as" in g:
            diary.move_to(g["renamed"])
            rev = next(c.group.rev for c in code_groups.code_group_counts(ctx) if c.group.id == ids[g["id"]])
            code_groups.change_code_group(ctx, ids[g["id"]], rev=rev, name=g["name"], note=g["renamed_note"])
    for m in analysis["merges"]:
        diary.move_to(m["date"])
        code_groups.merge_code_groups(ctx, ids[m["group"]], into=ids[m["into"]], note=m["note"])


def _condensates(ctx: Context, diary: _Diary, analysis: Toml, ids: _Ids) -> None:
    diary.move_to(analysis["condensing"]["date"])
    for s in analysis["subgroups"]:
        inside = [ids[u["id"]] for u in analysis["units"] if s["id"] in u.get("in", ())]
        ids[s["id"]] = condensing.add_subgroup(ctx, ids[s["group"]], name=s["name"], units=inside)
    for c in analysis["condensates"]:
        ids[c["id"]] = condensing.add_condensate(
            ctx, ids[c["subgroup"]], text=c["text"], voice=_voice(c, ids), covers=[ids[u] for u in c["covers"]],
            golden_unit=ids[c["golden"]],
        )  # fmt: skip
    for late in analysis.get("late_units", ()):
        condensing.move_units(ctx, ids[late["group"]], [ids[u] for u in late["units"]], ids[late["subgroup"]])


def _voice(condensate: Toml, ids: _Ids) -> str | None:
    voice = condensate.get("voice")
    return voice if voice in (None, "mixed") else ids[voice]


def _synthesis(acting: dict[str, Context], lead: Context, diary: _Diary, analysis: Toml, ids: _Ids) -> None:
    diary.move_to(analysis["synthesising"]["date"])
    for t in analysis["categories"]:
        text = re.sub(r"\{unit:(\w+)\}", lambda m: "{{unit:" + ids[m[1]] + "}}", t["text"])
        ids[t["id"]] = synthesis.add_category(lead, ids[t["group"]], heading=t["heading"], analytic_text=text)
    for s in analysis["counter_searches"]:
        diary.move_to(s["date"])
        counter_search.log_counter_search(
            acting[s["member"]], ids[s["category"]], looked_through=s["looked_through"], found=s["found"],
            note=s["note"],
        )  # fmt: skip
    for r in sorted(analysis["rereadings"], key=lambda r: r["date"]):
        diary.move_to(r["date"])
        impressions.mark_read(acting[r["member"]], ids[r["source"]], "synthesis", at=r["date"].isoformat())
    for r in analysis["recontext"]:
        unit = ids[r["unit"]] if r.get("unit") else None
        note = rereading.note_recontext(
            acting[r.get("member", "mads")], ids[r["category"]], ids[r["source"]],
            verdict=r["verdict"], note=r["note"], unit=unit,
        )  # fmt: skip
        if r.get("answer"):
            rereading.answer_recontext(lead, note, r["answer"])
    for p in analysis["matrix_phrases"]:
        synthesis.set_phrase(lead, ids[p["category"]], ids[p["group"]], p["phrase"])
    for e in analysis["evidence"]:
        ids[e["id"]] = synthesis.add_evidence(
            lead, ids[e["category"]], title=e["title"], citation=e["citation"], finding=e["finding"],
            verified=e.get("verified", False), role=e.get("role", "supports"),
        )  # fmt: skip
    for q in analysis["cleared_quotes"]:
        quotes.clear_quote(
            acting[q.get("cleared_by", "anna")], ids[q["unit"]], printed=q["printed"], recognisable=False,
            translation=q.get("translation", ""), translator=q.get("translator", ""),
        )  # fmt: skip
    for t in analysis["categories"]:
        if t.get("status", "ready") == "ready":
            although = t.get(
                "although", "For the steering committee; what is not re-read yet comes before the article."
            )
            synthesis.set_category_status(lead, ids[t["id"]], "ready", reason=although)
    for n, text in analysis["coreq"].items():
        coreq.write_coreq(lead, int(n), text)
    for s in analysis["states"]:
        diary.move_to(s["date"])
        ids[s["label"]] = states.freeze_state(lead, label=s["label"], note=s["note"])


def _comments(acting: dict[str, Context], diary: _Diary, analysis: Toml, ids: _Ids) -> None:
    """A supervisor's comments, and what was reworded because of them."""
    for c in analysis["comments"]:
        diary.move_to(c["date"])
        comment = comments.add_comment(acting[c["member"]], ids[c["item"]], c["text"])
        for a in c.get("answers", ()):
            comments.add_comment(acting[a["member"]], ids[c["item"]], a["text"], answers=comment)
        if c.get("settled"):
            comments.settle_comment(acting[c["member"]], comment)
    for w in analysis["rewordings"]:
        diary.move_to(w["date"])
        ctx = acting[w["member"]]
        with ctx.read() as conn:
            now = next(c for c in queries.records(conn, Condensate) if c.id == ids[w["condensate"]])
        condensing.change_condensate(ctx, now.id, rev=now.rev, text=w["text"], voice=now.voice)


def _late(
    acting: dict[str, Context], lead: Context, diary: _Diary, study: Toml,
    file: tuple[ParsedTranscript, bytes], analysis: Toml, ids: _Ids,
) -> None:  # fmt: skip
    """An interview of the second round: marked unseen, talked about, and partly placed."""
    late = analysis["late"]
    entry = next(s for s in study["sources"] if s["id"] == late["source"])
    _source(lead, diary, study, entry, file, ids)
    source = ids[late["source"]]
    diary.move_to(late["date"])
    analysts = [acting[m] for m in dict.fromkeys(u["member"] for u in late["units"])]
    for ctx in analysts:
        impressions.mark_read(ctx, source, "impression")
    for note in late["impression"]:
        impressions.write_impression(acting[note["member"]], source, note["text"])
    double_coding.open_unseen(lead, source, [c.member.id for c in analysts])
    reading = sources.read_source(lead, source)
    for u in late["units"]:
        ids[u["id"]] = _mark(acting, reading, u, u["in"], ids)
    for ctx in analysts:
        impressions.mark_read(ctx, source, "code")
        double_coding.say_done(ctx, source)
    diary.move_to(late["settled"])
    for s in late["settles"]:
        pairs = [(u, None) if isinstance(u, str) else u for u in s["units"]]
        picks = [differences.Pick(ids[a], ids[b] if b else None) for a, b in pairs]
        differences.settle(lead, picks, s["outcome"], words="first", note=s.get("note", ""))
    for p in late["placed"]:
        condensing.move_units(lead, ids[p["group"]], [ids[u] for u in p["units"]], ids[p["subgroup"]])


def _model(
    ctx: Context,
    lead: Context,
    clock: _Clock,
    analysis: Toml,
    ids: _Ids,
    after: dict[str, Callable[[], None]],
) -> None:
    """Ideas to decisions, version by version; `after` a version the analysis goes on."""
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
    told = analysis["committee"]
    demo_committee.judge(lead, told, ids)
    demo_committee.weigh(ctx, told, ids, {r["id"] for r in analysis["requirements"]})
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
        if n + 1 == len(versions):
            demo_committee.assume(ctx, told, ids)
        ids[v["label"]] = versioning.freeze_version(
            ctx, label=v["label"], note=v.get("note", ""), components=[ids[c] for c in v["components"]]
        )
        after.get(v["label"], lambda: None)()
        following = versions[n + 1]["date"] if n + 1 < len(versions) else date.max
        for m in sorted(analysis["meetings"], key=lambda m: m["date"]):
            if m["date"] < following and m["id"] not in done:
                done.add(m["id"])
                _decide(ctx, clock, m, analysis, ids)
        demo_committee.try_out(ctx, told, v["label"], ids, clock.move_to)
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
    """The agenda, the pack that was sent, positions and decisions, then the minutes."""
    status = {r["id"]: r["status"] for r in analysis["requirements"]}
    told, agenda = analysis["committee"], [d for d in analysis["decisions"] if d["meeting"] == meeting["id"]]
    for d in agenda:
        ids[d["id"]] = meetings.add_decision(
            ctx, question=d["question"], nature=d["nature"], meeting=ids[d["meeting"]],
            recommendation=d.get("recommendation", ""), consequences=d.get("consequences", ""),
            rule=d.get("rule", "consensus"), revisit_if=d.get("revisit_if", ""),
            about=[ids[x] for x in d.get("about", ()) if x in ids],
        )  # fmt: skip
        demo_committee.weigh(ctx, told, ids, {d["id"]})
    demo_committee.send(ctx, told, meeting["id"], ids, clock.move_to)
    for d in agenda:
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
    demo_committee.meet(ctx, told, meeting["id"], ids)
