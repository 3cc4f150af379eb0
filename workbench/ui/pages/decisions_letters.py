"""Letters: what each stakeholder group said and what became of it, worded in place and made as a file. A part of
Decisions, for those who prepare meetings."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from workbench.language import t
from workbench.services import letters, versioning
from workbench.services.context import Context
from workbench.services.letters import Letter, LetterLine
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.files import file_name, offer
from workbench.ui.kept import Row, kept_text
from workbench.ui.text import literal

_SHAPES = {"did": "✓", "did_not": "✕", "not_yet": "○", "some": "◐"}
_MIMES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def draw(ctx: Context) -> None:
    """Which version and group; what was said beside what became of it; the files."""
    versions = versioning.list_versions(ctx)
    if not versions:
        st.text(t("letters.no_version"))
        return
    st.text(t("letters.about"))
    labels = {v.id: v.label for v in reversed(versions)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="letters_which"):
        version = _chosen("version", list(labels))
        st.selectbox(
            t("letters.version"), list(labels), format_func=labels.__getitem__, key="letters_version", width=220,
            on_change=_ask, args=("version",),
        )  # fmt: skip
        found = letters.letters_for(ctx, version)
        if not found:
            st.text(t("letters.no_groups"))
            return
        names = {x.group: x.name for x in found}
        group = _chosen("group", list(names))
        st.pills(
            t("letters.group"), list(names), format_func=lambda g: literal(names.get(g, "")), key="letters_group",
            required=True, on_change=_ask, args=("group",),
        )  # fmt: skip
    letter = next(x for x in found if x.group == group)
    said = st.container(key="letters_said")
    _files(ctx, letter, said)
    if not letter.lines:
        st.text(t("letters.nothing_heard", group=letter.name))
        return
    _letter(ctx, letter, said)


def _chosen(name: str, among: list[str]) -> str:
    """The one asked for in the address or chosen before; else the first. The widget holds it too."""
    key = f"letters_{name}"
    asked, held = session.asked(name), session.widget(key)
    chosen = next((x for x in (held, asked) if x in among), among[0])
    if held != chosen:
        session.set_widget(key, chosen)
    return chosen


def _ask(name: str) -> None:
    session.ask(**{name: session.widget(f"letters_{name}")})


def _letter(ctx: Context, letter: Letter, said: Any) -> None:
    frame: Row = {"rev": letter.rev, "greeting": letter.greeting, "closing": letter.closing}

    def keep(field: str, typed: str, now: Row) -> None:
        letters.change_letter(ctx, letter.version.id, letter.group, rev=now["rev"], **{field: typed})

    with st.container(width=1120, key="letters_paper"):
        _text(
            t("letters.begins"), f"{letter.group}.greeting", frame, "greeting", letter.drafted_greeting, keep
        )
        for line in letter.printed:
            _line(ctx, letter, line, said)
        _text(t("letters.ends"), f"{letter.group}.closing", frame, "closing", letter.drafted_closing, keep)
        gone = [x for x in letter.lines if x.left_out]
        if gone:
            st.space("small")
            st.subheader(t("letters.left_out"), anchor=False)
        for line in gone:
            with st.container(horizontal=True, vertical_alignment="center", key=f"letters_gone_{line.item}"):
                st.text(line.said, width="stretch")
                _in_or_out(ctx, letter, line, said)


def _line(ctx: Context, letter: Letter, line: LetterLine, said: Any) -> None:
    row: Row = {"rev": line.rev, "said": line.said, "answer": line.answer}

    def keep(field: str, typed: str, now: Row) -> None:
        letters.change_line(ctx, letter.version.id, letter.group, line.item, rev=now["rev"], **{field: typed})

    name = f"{letter.group}.{line.item}"
    with st.container(key=f"letters_line_{letter.group}_{line.item}", gap="xsmall"):
        left, right = st.columns(2, gap="medium")
        with left, st.container(gap="xxsmall"):
            label = t("letters.said_as", kind=t(f"letters.kind.{line.kind}").lower())
            _text(label, f"{name}.said", row, "said", line.drafted_said, keep)
            _in_or_out(ctx, letter, line, said)
        with right, st.container(gap="xxsmall"):
            _text(t("letters.answer"), f"{name}.answer", row, "answer", line.drafted_answer, keep)
            if line.no_reason:
                st.markdown(f":red[▲] {literal(t('letters.became.no_reason'))}", anchors=False)
            else:
                st.caption(f"{_SHAPES[line.became]} {t(f'letters.became.{line.became}')}")


def _text(label: str, name: str, row: Row, field: str, draft: str, keep: Any) -> None:
    """A field over what is printed; emptied, or put back to it, it is the draft again."""
    kept_text(
        label, name=f"letters.{name}", row=row, field=field, lines=2, height="content",
        save=partial(keep, field), shown=lambda r: str(r[field] or draft),
        parsed=lambda typed, _: "" if typed.strip() == draft else typed,
    )  # fmt: skip
    if str(row[field]) != draft:
        st.caption(literal(t("letters.as_drafted", text=draft)))


def _in_or_out(ctx: Context, letter: Letter, line: LetterLine, said: Any) -> None:
    def press() -> None:
        attempt(
            letters.leave_out, ctx, letter.version.id, letter.group, line.item, left_out=not line.left_out,
            rev=line.rev, where=said,
        )  # fmt: skip

    st.button(
        t("letters.take_in" if line.left_out else "letters.leave_out"), key=f"letters_out_{letter.group}_{line.item}",
        type="tertiary", on_click=press,
    )  # fmt: skip


def _files(ctx: Context, letter: Letter, said: Any) -> None:
    """This letter, or all of them; the button that fetches one stands where it was made."""
    with st.container(horizontal=True, gap="small", key="letters_files"):
        wanted = None
        for suffix, groups, label in (
            (".pdf", (letter.group,), "letters.make_pdf"), (".docx", (letter.group,), "letters.make_docx"),
            (".pdf", (), "letters.make_all"), (".docx", (), "letters.make_all_docx"),
        ):  # fmt: skip
            if st.button(
                t(label), key=label.replace(".", "_"), icon=":material/print:" if suffix == ".pdf" else None,
                type="primary" if label == "letters.make_pdf" else "secondary",
            ):  # fmt: skip
                wanted = (suffix, groups)
    if wanted:
        suffix, chosen = wanted
        with st.spinner(t("export.making"), show_time=False):
            data = attempt(
                letters.letters_file, ctx, letter.version.id, suffix, groups=chosen, where=said
            )  # fmt: skip
        if data:
            offer(data, file_name(ctx, f"-letters{suffix}"), _MIMES[suffix], "letters")
