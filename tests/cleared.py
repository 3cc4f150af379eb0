"""The demo study without its assumptions, questions, theory of change, ticks and description, for tests that begin there."""

from __future__ import annotations

from workbench.services import assumptions, theory, tidier
from workbench.services.context import Context


def cleared(ctx: Context) -> Context:
    for node in theory.theory_page(ctx).nodes:
        theory.retire_node(ctx, node.id)
    for a in assumptions.list_assumptions(ctx):
        assumptions.retire_assumption(ctx, a.id)
    for q in assumptions.list_questions(ctx):
        assumptions.retire_question(ctx, q.id)
    for step in theory.ten_steps(ctx).steps:
        if step.phase:
            theory.change_step(ctx, step.id, done=False, text="", note="")
        else:
            theory.retire_step(ctx, step.id)
    with ctx.write("change_tidier") as work:
        for row in work.live("tidier"):
            work.retire("tidier", row["id"])
    assert not any(i.text for i in tidier.tidier_view(ctx))
    return ctx
