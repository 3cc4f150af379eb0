"""The shell: who sees which screens, the header's undo, refusals as sentences, and the configuration shipped."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from workbench.domain.errors import Refused
from workbench.language import catalogue
from workbench.services import people, projects
from workbench.ui import shell
from workbench.ui.text import literal

PACKAGE = Path(__file__).resolve().parents[2] / "workbench"
APP = str(PACKAGE / "app.py")
ROLES = ("researcher", "facilitator", "steering", "admin")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A project with one member of each role, and pages that only show their header and name."""
    store = projects.create_project(
        tmp_path / "study.db", name="Home *again*", invented=True, member_name="Ida Lead"
    )
    ctx = projects.lead_context(store)
    ids = {role: projects.add_member(ctx, name=f"The {role}", role=role) for role in ROLES}
    monkeypatch.setattr(projects, "projects_dir", lambda: tmp_path)

    def draw(screen: shell.Screen) -> None:
        import streamlit

        shell.header(screen.path)
        streamlit.title(screen.path)

    monkeypatch.setattr(shell, "_run", draw)
    yield SimpleNamespace(id=store.id, store=store, ctx=ctx, ids=ids)
    store.close()


def opened(project: SimpleNamespace, acting: str | None = None) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=20)
    app.query_params["project"] = project.id
    if acting:
        app.query_params["as"] = project.ids[acting]
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(str(e.value) for kind in ("markdown", "text", "title", "caption") for e in app.get(kind))


def test_the_start_leads_a_researcher_to_home_and_the_committee_to_its_pack(project: SimpleNamespace) -> None:
    assert [t.value for t in opened(project).title] == ["home"]
    assert [t.value for t in opened(project, "steering").title] == ["pack"]


def test_every_role_sees_its_own_screens() -> None:
    menu = {role: [s.path for s in shell.SCREENS if shell.may_see(role, s)] for role in ROLES}
    assert menu["researcher"] == [s.path for s in shell.SCREENS]
    assert menu["steering"] == ["pack", "decisions"]
    assert menu["facilitator"] == [
        "home",
        "trace",
        "requirements",
        "prototype",
        "pack",
        "decisions",
        "export",
    ]
    assert menu["admin"] == ["home", "history", "settings"]
    assert not any(shell.may_see("stranger", s) for s in shell.SCREENS)


def test_a_screen_of_another_role_says_who_can_give_access(project: SimpleNamespace) -> None:
    app = AppTest.from_function(_another_roles_screen, default_timeout=20)
    app.query_params["project"] = project.id
    app.query_params["as"] = project.ids["facilitator"]
    app.run()
    assert not app.exception
    assert "not for the role you act in (facilitator). Ida Lead leads" in words(app)


def _another_roles_screen() -> None:
    from workbench.ui import session, shell

    shell._not_yours(next(s for s in shell.SCREENS if s.path == "code"), session.context())


def test_undo_names_what_it_will_undo_and_undoes_it(project: SimpleNamespace) -> None:
    people.add_group(project.ctx, name="Patients")
    app = opened(project)
    undo = app.button(key="shell_undo")
    assert not undo.disabled
    assert undo.help.startswith("Undo: ")
    assert app.button(key="shell_redo").disabled
    undo.click().run()
    assert not app.exception
    assert people.people_view(project.ctx).groups == ()
    assert not app.button(key="shell_redo").disabled
    app.button(key="shell_redo").click().run()
    assert len(people.people_view(project.ctx).groups) == 1


def test_the_member_picked_acts_from_then_on_and_stays_after_a_reload(project: SimpleNamespace) -> None:
    app = opened(project)
    app.radio(key="shell_member").set_value(project.ids["facilitator"]).run()
    assert not app.exception
    assert app.query_params["as"] in (project.ids["facilitator"], [project.ids["facilitator"]])
    assert opened(project, "facilitator").radio(key="shell_member").value == project.ids["facilitator"]


def test_a_projects_name_is_shown_as_typed_and_never_as_markdown(project: SimpleNamespace) -> None:
    labels = [p.proto.popover.label for p in opened(project).get("popover")]
    assert r"**Home \*again\***" in labels


def test_a_very_long_name_leaves_the_header_its_room_and_stands_whole_behind_it(
    project: SimpleNamespace,
) -> None:
    name = "A study of everything that can be asked about coming home from hospital, in two regions"
    projects.change_setting(project.ctx, "name", name)
    app = opened(project)
    shown = next(p.proto.popover.label for p in app.get("popover") if p.proto.popover.label.startswith("**"))
    assert len(shown.replace("\\", "")) <= 52 and "…" in shown
    assert name in [b.label.replace("\\", "") for b in app.button]


def test_without_a_project_the_screens_say_so_and_nothing_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projects, "projects_dir", lambda: tmp_path)
    monkeypatch.setattr(shell, "_run", lambda screen: shell.header(screen.path))
    app = AppTest.from_file(APP, default_timeout=20).run()
    assert not app.exception
    app = AppTest.from_file(APP, default_timeout=20)
    app.query_params["project"] = "no-such-project"
    assert not app.run().exception


def test_a_refusal_is_one_sentence_and_a_programming_error_is_not_hidden() -> None:
    app = AppTest.from_function(_refusals, default_timeout=20).run()
    assert not app.exception
    said = [m.value for m in app.markdown]
    assert len(said) == 1
    assert said[0].startswith(":red[▲] ")
    assert app.text[0].value == "kept: None 3"


def _refusals() -> None:
    import streamlit as st

    from workbench.domain.errors import Refused
    from workbench.ui.call import attempt

    def refuse() -> int:
        raise Refused("shell.not_yours", role="*x*", lead="y")

    slot = st.container()
    st.text(f"kept: {attempt(refuse, where=slot)} {attempt(lambda: 3)}")
    try:
        attempt(lambda: 1 // 0)
    except ZeroDivisionError:
        st.text("raised")


def test_refused_is_what_attempt_catches() -> None:
    from workbench.ui.call import sentence

    assert "facilitator" in sentence(Refused("shell.not_yours", role="facilitator", lead="Ida"))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf")), max_size=60))
def test_literal_text_reads_the_same_after_markdown(text: str) -> None:
    from markdown_it import MarkdownIt

    rendered = MarkdownIt("gfm-like", {"linkify": False}).enable("strikethrough").parseInline(literal(text))
    children = rendered[0].children or []
    assert {c.type for c in children} <= {"text", "text_special"}
    assert "".join(c.content for c in children) == re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize("text", [":red[x]", ":material/home:", "$x$", "a~~b~~", "www.example.org", "1. one"])
def test_literal_text_holds_no_directive_of_streamlit(text: str) -> None:
    assert not re.search(r"(?<!\\)[:$~\[\].]", literal(text))


def test_every_sentence_the_shell_asks_for_is_in_the_catalogue() -> None:
    asked: set[str] = set()
    for name in ("app", "shell", "call", "session", "components/view/__init__", "components/shell/__init__"):
        for node in ast.walk(ast.parse((PACKAGE / "ui" / f"{name}.py").read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="t"), args=[ast.Constant(value=str(id)), *_]):
                    asked.add(id)
    asked |= {f"nav.{s.path}" for s in shell.SCREENS} | {f"role.{role}" for role in ROLES}
    asked |= {f"section.{s.section}" for s in shell.SCREENS if s.section}
    assert asked - set(catalogue("en")) == set()


def _config() -> dict[str, dict[str, object]]:
    return tomllib.loads((PACKAGE / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("option", "holds"),
    [
        ("server.address", lambda v: v == "127.0.0.1"),
        ("server.allowedHosts", lambda v: v == ["localhost", "127.0.0.1"]),
        ("server.enableCORS", lambda v: v is True),
        ("server.enableXsrfProtection", lambda v: v is True),
        ("server.xsrfCookieSameSite", lambda v: v == "strict"),
        ("server.maxUploadSize", lambda v: v <= 25),
        ("server.enableStaticServing", lambda v: v is False),
        ("server.enableAgentApi", lambda v: v is False),
        ("browser.gatherUsageStats", lambda v: v is False),
        ("client.showErrorDetails", lambda v: v == "none"),
        ("client.showErrorLinks", lambda v: v is False),
        ("client.disableDataExport", lambda v: v is True),
        ("runner.magicEnabled", lambda v: v is False),
    ],
)
def test_the_shipped_configuration_is_not_weaker(option: str, holds: Callable[[object], bool]) -> None:
    section, name = option.split(".")
    assert holds(_config()[section][name])


def test_the_configuration_lies_where_streamlit_lets_it_stand_over_others() -> None:
    from streamlit import file_util

    found = file_util.get_main_script_streamlit_file_path(APP, "config.toml")
    assert Path(found) == PACKAGE / ".streamlit" / "config.toml"
    assert Path(found).is_file()
    assert not (Path(APP).parent / "pages").exists()  # Streamlit would run its files as scripts of their own


def test_every_font_the_theme_names_is_shipped_with_its_licence() -> None:
    assets = PACKAGE / "ui" / "components" / "view" / "assets"
    faces = re.findall(r"url\([^)]*workbench\.view/([^)]+)\)", shell.FONTS)
    assert len(faces) == 4
    for face in faces:
        assert (assets / face).is_file()
    assert "SIL Open Font License" in (assets / "fonts" / "LICENSE").read_text(encoding="utf-8")


def test_a_project_that_cannot_be_opened_is_a_sentence_and_a_way_out(ctx, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from streamlit.testing.v1 import AppTest

    from tests.conftest import ROOT
    from workbench.domain.errors import StoreFailed
    from workbench.ui import session

    def refuse(*_: object) -> None:
        raise StoreFailed("store.damaged", name="demo.db")

    monkeypatch.setattr(session, "_open", refuse)
    at = AppTest.from_file(str(ROOT / "workbench" / "app.py"), default_timeout=30)
    at.query_params["project"] = ctx.store.id
    at.run()
    assert not at.exception
    assert any("demo\\.db is damaged" in m.value or "demo.db is damaged" in m.value for m in at.markdown)
    assert [b.label for b in at.button] == ["To the start page"]
