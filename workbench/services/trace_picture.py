"""The trace as one picture: groups, themes, requirements and components."""

from __future__ import annotations

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.exporters.strip import StripNode, strip_svg
from workbench.exporters.typesetting import png_of
from workbench.language import t, tn

from . import packs, projects
from .context import Context, requires


def flow_picture(strip: packs.Strip, format: str, *, invented: bool) -> bytes:
    """Columns of groups, themes, requirements and components with what leads where, as SVG or PNG bytes."""
    note = t("exporting.flow.note" if strip.is_exact else "tracepage.alike")
    if strip.left_out:
        note += " " + tn("exporting.flow.left_out", strip.left_out)
    if invented:
        note = f"{t('exporting.invented')}. {note}"
    drawn = strip_picture(strip, note=note)
    return png_of(drawn) if format == "png" else drawn.encode()


def strip_picture(strip: packs.Strip, *, note: str = "") -> str:
    """The same as SVG text, state by shape and word; as it stands in a page, without a note of its own."""
    return strip_svg(
        [(t(f"exporting.flow.{kind}"),
          [StripNode(n.id, n.label, n.weight, n.state, t(f"packfile.trust.{n.state}") if n.state else "") for n in nodes])
         for kind, nodes in strip.columns],
        strip.links, note=note, alt=t("packfile.strip_alt"),
    )  # fmt: skip


@requires(Action.EXPORT_ANALYSIS)
def strip_with_groups(ctx: Context, k_min: int) -> packs.Strip:
    """The trace with every group by its name; no width tells how many of a small one were heard."""
    strip = packs.trace_strip(ctx)
    small = any(n.weight < k_min for n in dict(strip.columns)["group"])
    return packs.drawn_alike(strip) if small else strip


@requires(Action.EXPORT_RELEASED)
def trace_svg(ctx: Context) -> bytes:
    """Groups -> themes -> requirements -> components as one picture; no quote and no source is in it."""
    return trace_strip_file(ctx, ".svg")


@requires(Action.EXPORT_RELEASED)
def trace_strip_file(ctx: Context, suffix: str) -> bytes:
    """The same as .svg or .png."""
    suffix = suffix.lower()
    if suffix not in (".svg", ".png"):
        raise Refused("trace_files.unknown_picture", suffix=suffix)
    found = packs.meeting_pack(ctx)
    if not found.briefs:
        raise Refused("export.no_themes")
    items = [*(b.id for b in found.briefs), *(r.id for r in found.requirements)]
    invented = projects.project_summary(ctx).invented
    return ctx.keep_release("trace", flow_picture(found.strip, suffix[1:], invented=invented), items)
