"""Undo of everything that is done between a theme and a committee: the project is as it was, and redo does it again."""

from __future__ import annotations

from collections.abc import Callable

from tests.support import dump, tiny_transcript
from workbench.domain.errors import WorkbenchError
from workbench.services import (
    actions,
    assumptions,
    change_table,
    coding,
    confidence,
    consequences,
    coverage,
    feedback,
    history,
    ideas,
    letters,
    meetings,
    minutes,
    model,
    people,
    seats,
    sources,
    theory,
    tidier,
    trace_import,
    trust,
    versioning,
    withdrawing,
)
from workbench.services.context import Context
from workbench.store.verify import verify


class Model:
    """What the demo has, and what these tests have added to it: something of every kind to act on."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.themes = [g.id for g in model.list_grounds(ctx) if g.kind == "category"]
        self.version = versioning.list_versions(ctx)[-1].id
        self.requirement = model.add_requirement(
            ctx, statement="The model must ring back", based_on=self.themes[:1]
        )
        self.other = model.add_requirement(ctx, statement="The model must be silent at night")
        self.component = model.add_component(ctx, name="A bell", realises=[self.requirement])
        self.idea = ideas.add_idea(ctx, text="A bell in every kitchen")
        self.said = feedback.add_feedback(ctx, self.version, text="Too many papers", polarity="negative")
        self.change = change_table.add_change(ctx, self.version, possible="One paper", feedback=[self.said])
        self.meeting = meetings.add_meeting(ctx, title="Round table", date="2031-01-10")
        self.next = meetings.add_meeting(ctx, title="Round table again", date="2031-03-10")
        for name in ("Ward", "Home care"):
            if name not in [s.name for s in seats.list_seats(ctx)]:
                seats.add_seat(ctx, name=name)
        self.decision = meetings.add_decision(
            ctx, question="Shall it ring?", meeting=self.meeting, about=[self.requirement]
        )
        self.second = meetings.add_decision(ctx, question="And at night?", meeting=self.meeting)
        self.action = actions.add_action(ctx, text="Ask a bell founder", meeting=self.meeting)
        self.assumption = assumptions.add_assumption(ctx, text="Somebody hears it", about=self.component)
        self.question = assumptions.add_question(ctx, text="Who pays for the bell?")
        self.node = theory.add_node(ctx, kind="activity", text="Ring")
        self.outcome = theory.add_node(ctx, kind="outcome", text="Somebody comes")
        self.person = next(p.id for p in people.people_view(ctx).participants if p.kind == "informant")
        self.source = sources.import_source(
            ctx, tiny_transcript(), b"raw", title="They tried it", iteration=9
        )

    def rev(self, table: str, id: str) -> int:
        with self.ctx.read() as conn:
            return int(conn.execute(f"SELECT rev FROM {table} WHERE id=?", (id,)).fetchone()["rev"])

    def line(self) -> tuple[str, str]:
        letter = next(x for x in letters.letters_for(self.ctx, self.version) if x.lines)
        return letter.group, letter.lines[0].item


Act = Callable[[Context, Model], object]


def _look(ctx: Context, m: Model) -> None:
    trust.look_at(ctx, [m.requirement], True)


ACTS: dict[str, Act] = {
    "add_idea": lambda c, m: ideas.add_idea(c, text="Another"),
    "change_idea": lambda c, m: ideas.change_idea(c, m.idea, rev=m.rev("idea", m.idea), text="A bell on every floor"),
    "retire_idea": lambda c, m: ideas.retire_idea(c, m.idea),
    "add_requirement": lambda c, m: model.add_requirement(c, statement="x", based_on=[m.idea], status="accepted"),
    "change_requirement": lambda c, m: model.change_requirement(
        c, m.requirement, rev=m.rev("requirement", m.requirement), statement="The model must ring twice", moscow="must"
    ),
    "set_requirement_status": lambda c, m: model.set_requirement_status(c, m.requirement, "accepted"),
    "retire_requirement": lambda c, m: model.retire_requirement(c, m.other),
    "support_requirement": lambda c, m: model.support_requirement(c, m.requirement, m.idea, role="contradicts"),
    "support_by_unit": lambda c, m: model.support_requirement(c, m.requirement, coding.list_units(c)[0].unit.id),
    "add_conflict": lambda c, m: model.add_conflict(c, m.requirement, m.other, note="Loud"),
    "add_component": lambda c, m: model.add_component(c, name="A rope", realises=[m.requirement, m.other]),
    "change_component": lambda c, m: model.change_component(
        c, m.component, rev=m.rev("component", m.component), name="A big bell", description="", realises=[m.other]
    ),
    "retire_component": lambda c, m: model.retire_component(c, m.component),
    "set_consequence": lambda c, m: consequences.set_consequence(c, m.requirement, "economy", "Dear"),
    "set_consequence_decision": lambda c, m: consequences.set_consequence(c, m.decision, "law", "Allowed"),
    "set_confidence": lambda c, m: confidence.set_confidence(c, m.themes[-1], "methods", "minor", "Few nights"),
    "set_not_needed": lambda c, m: coverage.set_not_needed(c, m.idea, "Nobody has a kitchen"),
    "import_trace": lambda c, m: trace_import.import_rows(
        c, trace_import.preview(c, [("a.csv", b"kind,key,text,based_on\nrequirement,REQ-800,The model must hum,\nidea,,Hum,\n")])
    ),
    "look_at": lambda c, m: (model.set_requirement_status(c, m.requirement, "accepted"), _look(c, m)),
    "freeze_version": lambda c, m: versioning.freeze_version(c, label="With a bell"),
    "add_feedback": lambda c, m: feedback.add_feedback(c, m.version, text="Good", polarity="positive", component=m.component),
    "add_feedback_lines": lambda c, m: feedback.add_lines(c, m.version, lines="- a\n2. b", polarity="mixed"),
    "change_feedback": lambda c, m: feedback.change_feedback(
        c, m.said, rev=m.rev("feedback", m.said), text="Far too many papers", polarity="mixed"
    ),
    "retire_feedback": lambda c, m: feedback.retire_feedback(c, m.said),
    "evaluate_version": lambda c, m: feedback.evaluate(c, m.source, m.version),
    "add_change": lambda c, m: change_table.add_change(c, m.version, feedback=[m.said], reason_codes=["IMP"]),
    "add_change_rows": lambda c, m: change_table.add_rows(c, m.version),
    "change_change": lambda c, m: change_table.change_change(
        c, m.change, rev=m.rev("change_item", m.change), agreed="One paper", status="agreed", feedback=[]
    ),
    "retire_change": lambda c, m: change_table.retire_change(c, m.change),
    "change_to_requirement": lambda c, m: change_table.write_requirement(c, m.change),
    "add_assumption": lambda c, m: assumptions.add_assumption(c, text="x"),
    "change_assumption": lambda c, m: assumptions.change_assumption(
        c, m.assumption, test="Ring it", result="Nobody came", state="does_not_hold"
    ),
    "retire_assumption": lambda c, m: assumptions.retire_assumption(c, m.assumption),
    "add_question": lambda c, m: assumptions.add_question(c, text="x", due="2031-01-01"),
    "change_question": lambda c, m: assumptions.change_question(c, m.question, answer="Nobody"),
    "retire_question": lambda c, m: assumptions.retire_question(c, m.question),
    "add_theory_node": lambda c, m: theory.add_node(c, kind="mechanism", text="It is heard"),
    "add_theory_link": lambda c, m: theory.add_theory_link(c, m.node, m.outcome),
    "retire_theory_node": lambda c, m: theory.retire_node(c, m.outcome),
    "change_tidier": lambda c, m: tidier.write_item(c, 1, "A bell"),
    "change_letter_line": lambda c, m: letters.change_line(c, m.version, *m.line(), answer="We rang."),
    "leave_out_letter_line": lambda c, m: letters.leave_out(c, m.version, *m.line()),
    "change_letter": lambda c, m: letters.change_letter(c, m.version, m.line()[0], greeting="Dear all"),
    "add_meeting": lambda c, m: meetings.add_meeting(c, title="x", date="2032-01-01"),
    "change_meeting": lambda c, m: meetings.change_meeting(
        c, m.meeting, rev=m.rev("session", m.meeting), title="Square table", date="2031-01-11"
    ),
    "add_decision": lambda c, m: meetings.add_decision(c, question="x", meeting=m.meeting, about=[m.component]),
    "change_decision": lambda c, m: meetings.change_decision(
        c, m.decision, rev=m.rev("decision", m.decision), question="y", recommendation="", consequences=""
    ),
    "place_decision": lambda c, m: meetings.place_decision(c, m.decision, m.next),
    "move_decision": lambda c, m: meetings.move_decision(c, m.second, -1),
    "set_discussed": lambda c, m: meetings.set_discussed(c, m.decision, "At length"),
    "retire_decision": lambda c, m: meetings.retire_decision(c, m.decision),
    "take_position": lambda c, m: meetings.take_position(
        c, m.decision, seat="Ward", choice="agree_with_reservation", reservation="Not at night"
    ),
    "rest_agree": lambda c, m: meetings.rest_agree(c, m.decision),
    "record_decision": lambda c, m: meetings.record_decision(
        c, m.decision, outcome="It rings", why="They asked for it", accept=[m.requirement], park=[m.other]
    ),
    "add_seat": lambda c, m: seats.add_seat(c, name="Pharmacy"),
    "change_seat": lambda c, m: seats.change_seat(c, "Ward", is_chair=True, has_veto=True, may_vote=True),
    "retire_seat": lambda c, m: seats.retire_seat(c, "Ward"),
    "set_attendance": lambda c, m: seats.set_attendance(c, m.meeting, "Ward", "apology", deputy="Ward nurse"),
    "add_action": lambda c, m: actions.add_action(c, text="x", decision=m.decision, due="2031-02-01"),
    "change_action": lambda c, m: actions.change_action(
        c, m.action, rev=m.rev("action", m.action), text="Ask two", owner="Ward", due=None
    ),
    "finish_action": lambda c, m: actions.finish_action(c, m.action, outcome="Asked"),
    "renew_action": lambda c, m: actions.renew_action(c, m.action, due="2031-03-01", outcome="Later", meeting=m.next),
    "retire_action": lambda c, m: actions.retire_action(c, m.action),
    "set_remarks": lambda c, m: minutes.set_remarks(c, m.meeting, "Coffee was served"),
    "approve_minutes": lambda c, m: minutes.approve_minutes(c, m.meeting, seat="Ward"),
    "withdraw": lambda c, m: withdrawing.withdraw(c, m.person, "stop", "By letter"),
}  # fmt: skip


def test_every_act_is_undone_and_done_again_exactly(ctx: Context) -> None:
    m = Model(ctx)
    start = dump(ctx.store)
    faults = []
    for name, act in ACTS.items():
        with ctx.read() as conn:
            first = conn.execute("SELECT max(seq) AS n FROM operation").fetchone()["n"]
        try:
            act(ctx, m)
        except WorkbenchError as error:
            faults.append((name, "refused", repr(error)))
            continue
        with ctx.read() as conn:
            n = conn.execute("SELECT max(seq) AS n FROM operation").fetchone()["n"] - first
        after = dump(ctx.store)
        try:
            for _ in range(n):
                history.undo(ctx)
            if dump(ctx.store) != start:
                faults.append((name, "undo", [t for t in start if dump(ctx.store)[t] != start[t]]))
            for _ in range(n):
                history.redo(ctx)
            if dump(ctx.store) != after:
                faults.append((name, "redo", [t for t in start if dump(ctx.store)[t] != after[t]]))
            for _ in range(n):
                history.undo(ctx)
            if dump(ctx.store) != start:
                faults.append((name, "undo again", ""))
        except WorkbenchError as error:
            faults.append((name, "undo refused", repr(error)))
    assert faults == []
    assert verify(ctx.store.path) == []
