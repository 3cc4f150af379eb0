"""The model described as an intervention (TIDieR, 12 items): what is written, and what the project knows already.

Nothing is filled in by itself. What is offered says where it comes from, and a text that was taken over says so for
as long as the place it came from still reads the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from workbench.domain.errors import Refused
from workbench.domain.records import Category
from workbench.domain.roles import Action
from workbench.domain.stc import without_tokens
from workbench.exporters.tidier import DescribedItem, Description, description_docx
from workbench.language import day, t
from workbench.store import queries
from workbench.store.connection import Connection

from . import projects, versioning
from .assumptions import AssumptionView, load_assumptions
from .context import Context, requires

ITEMS = tuple(range(1, 13))
CITATION = "Hoffmann TC et al. BMJ 2014;348:g1687"
# The twelve items are known, their wording here is the workbench's own and was not held against the article.
VERIFIED = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What the project knows: the text that would be taken over, and where it stands now."""

    source: str  # project, themes, mechanisms, components, inputs, operation, sector, context, versions, changes, ...
    text: str
    is_in: bool  # the written text holds it, word for word


@dataclass(frozen=True, slots=True)
class TidierItem:
    n: int
    id: str | None  # None until something is written
    rev: int  # 0 until then
    text: str
    offers: tuple[Offer, ...]


def load_tidier(conn: Connection) -> dict[int, tuple[str, str]]:
    """Item number -> (id, text), of those that say something."""
    return {int(r["n"]): (r["id"], r["text"]) for r in queries.live(conn, "tidier") if r["text"]}


@requires(Action.READ_THEMES)
def tidier_view(ctx: Context) -> list[TidierItem]:
    """The twelve items in order."""
    changes = _modifications(ctx)
    with ctx.read() as conn:
        rows = {int(r["n"]): r for r in queries.live(conn, "tidier")}
        known = _known(conn)
    known.setdefault(10, []).extend(changes)
    found = []
    for n in ITEMS:
        row = rows.get(n)
        text = row["text"] if row else ""
        folded = _folded(text)
        offers = tuple(Offer(s, x, _folded(x) in folded) for s, x in known.get(n, ()))
        found.append(TidierItem(n, row["id"] if row else None, row["rev"] if row else 0, text, offers))
    return found


def _folded(text: str) -> str:
    return " ".join(text.split())


@requires(Action.MODEL)
def write_item(ctx: Context, n: int, text: str, *, rev: int | None = None) -> None:
    """Write one item; `rev` as read (0: nothing was written yet). Raises StaleEdit if somebody was faster."""
    if n not in ITEMS:
        raise Refused("tidier.unknown_item", n=n)
    with ctx.write("change_tidier") as work:
        row = next(iter(work.live("tidier", n=n)), None)
        if row is None:
            id = ctx.new_id()
            work.insert("tidier", {"id": id, "n": n, "text": text.strip()})
        else:
            id = row["id"]
            work.update("tidier", id, {"text": text.strip()}, rev=rev)
        work.ids = {"tidier": id, "n": n}


@requires(Action.MODEL)
def take_over(ctx: Context, n: int, source: str, *, rev: int | None = None) -> None:
    """Put what the project knows under an item, after what is written there."""
    item = next((i for i in tidier_view(ctx) if i.n == n), None)
    offer = next((o for o in item.offers if o.source == source), None) if item else None
    if item is None or offer is None:
        raise Refused("error.gone", kind="tidier")
    if not offer.is_in:
        text = f"{item.text}\n\n{offer.text}" if item.text else offer.text
        write_item(ctx, n, text, rev=item.rev if rev is None else rev)


# -- as a file ----------------------------------------------------------------------------------------------


@requires(Action.EXPORT_RELEASED)
def tidier_file(ctx: Context) -> bytes:
    """The description as a Word document, each item with where its text comes from; kept as something that has left."""
    project = projects.project_summary(ctx)
    items = tidier_view(ctx)
    now = ctx.now()

    def sources(i: TidierItem) -> tuple[str, ...]:
        return tuple(t(f"tidier.from.{o.source}") for o in i.offers if o.is_in) or (t("tidier.file.written"),)

    made = Description(
        project.name, project.invented, project.language, now, t("exporting.made_on", day=day(now)), ctx.member.name,
        t("tidier.source", citation=CITATION),
        [DescribedItem(item_name(i.n), t(f"tidier.asks.{i.n}"), i.text, sources(i)) for i in items],
    )  # fmt: skip
    return ctx.keep_release("tidier", description_docx(made), [i.id for i in items if i.id and i.text])


# -- what the project knows ---------------------------------------------------------------------------------


def _known(conn: Connection) -> dict[int, list[tuple[str, str]]]:
    """Item -> what is offered for it as (where from, text); nothing of it in any participant's words."""
    themes = queries.records(conn, Category, order="position")
    components = sorted(queries.live(conn, "component"), key=lambda r: (r["position"], r["key"]))
    nodes = sorted(queries.live(conn, "theory_node"), key=lambda r: r["position"])
    aspects = _aspects(conn)
    accepted = [r for r in queries.live(conn, "requirement") if r["status"] == "accepted" and r["acceptance"]]
    tests = [a for a in load_assumptions(conn) if a.result]

    def column(kind: str) -> list[str]:
        return [n["text"] for n in nodes if n["kind"] == kind]

    parts = [f"{c['name']}: {c['description']}" if c["description"] else c["name"] for c in components]
    whole: dict[int, list[tuple[str, Iterable[str]]]] = {
        1: [("project", [queries.setting(conn, "name")])],
        2: [("themes", [_of_theme(c) for c in themes]), ("mechanisms", column("mechanism"))],
        3: [("components", parts), ("inputs", column("input"))],
        4: [("components", parts), ("activities", column("activity"))],
        5: [("sector", aspects.get("sector", ()))],
        6: [("operation", aspects.get("operation", ()))],
        7: [("context", column("context"))],
        11: [("acceptance", [f"{r['key']}: {r['acceptance']}" for r in accepted])],
        12: [
            ("results", [_tried(a) for a in tests]),
            ("feedback", _feedback(conn)),
        ],
    }
    return {
        n: [(source, _text(lines)) for source, lines in offers if any(lines)] for n, offers in whole.items()
    }


def _text(lines: Iterable[str]) -> str:
    kept = [" ".join(line.split()) for line in lines if line.strip()]
    return kept[0] if len(kept) == 1 else "\n".join(f"- {line}" for line in kept)


def _tried(a: AssumptionView) -> str:
    state = t(f"assumptions.state.{a.state}").lower()
    return f"{a.key} {a.text.rstrip('.')}: {state}. {a.result}"


def _of_theme(theme: Category) -> str:
    """The heading, with the first sentence of what was written to it."""
    text = " ".join(without_tokens(theme.analytic_text).split())
    first, stop, _ = text.partition(". ")
    return f"{theme.heading}: {first}{'.' if stop else ''}" if first else theme.heading


def _aspects(conn: Connection) -> dict[str, list[str]]:
    """What accepted requirements mean for others: aspect -> texts."""
    keys = {r["id"]: r["key"] for r in queries.live(conn, "requirement") if r["status"] != "rejected"}
    found: dict[str, list[str]] = {}
    for r in queries.live(conn, "consequence"):
        if r["item"] in keys and r["text"]:
            found.setdefault(r["aspect"], []).append(f"{keys[r['item']]}: {r['text']}")
    return found


def _feedback(conn: Connection) -> list[str]:
    """How many remarks a version got, by kind: numbers of remarks, not of people."""
    labels = {v.id: v.label for v in versioning.load_versions(conn)}
    rows = queries.live(conn, "feedback")
    lines = []
    for id, label in labels.items():
        mine = [r["polarity"] for r in rows if r["version"] == id]
        parts = [
            t(f"tidier.feedback.{p}", n=mine.count(p)) for p in ("positive", "negative", "mixed") if p in mine
        ]
        if parts:
            lines.append(t("tidier.feedback", version=label, parts=", ".join(parts)))
    return lines


def _modifications(ctx: Context) -> list[tuple[str, str]]:
    """What changed from each version to the next, and what was agreed to change."""
    versions = versioning.list_versions(ctx)
    lines = []
    for old, new in pairwise(versions):
        found = versioning.compare_versions(ctx, old.id, new.id)
        said = []
        for change in ("added", "removed", "changed", "moved"):
            names = [
                d.label.rstrip(".")
                for d in found
                if d.change == change and d.kind in ("component", "requirement")
            ]
            if names:
                said.append(t(f"tidier.change.{change}", names="; ".join(names)))
        if said:
            lines.append(t("tidier.modified", old=old.label, new=new.label, what=". ".join(said) + "."))
    with ctx.read() as conn:
        agreed = [
            f"{r['key']}: {r['agreed']}" + (f" ({r['why']})" if r["why"] else "")
            for r in sorted(queries.live(conn, "change_item"), key=lambda r: str(r["key"]))
            if r["agreed"] and r["status"] in ("agreed", "done")
        ]
    offers = (("versions", lines), ("changes", agreed))
    return [(source, _text(found)) for source, found in offers if found]


def item_name(n: int) -> str:
    """The item's name, "1. Brief name"."""
    return f"{n}. {t(f'tidier.item.{n}')}"
