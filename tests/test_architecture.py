"""The habits that keep the code what it is, held by tests: layers, names, words, privacy."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from workbench.language import catalogue

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "workbench"
MODULES = sorted(PACKAGE.rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func)


def in_layer(path: Path, *layers: str) -> bool:
    return path.relative_to(PACKAGE).parts[0] in layers


def test_a_module_opens_with_a_sentence_on_what_it_owns() -> None:
    silent = [p for p in MODULES if p.read_text().strip() and not ast.get_docstring(tree(p))]
    assert silent == []


def test_every_sentence_asked_for_is_in_the_catalogue() -> None:
    known = catalogue("en")
    missing: set[str] = set()
    errors = r"(Refused|Rejected|InvalidSpan|StaleEdit|NotAllowed|UndoRefused|StillInUse|StoreFailed|Problem|Notice)$"
    for path in MODULES:
        for call in calls(path):
            if not call.args or not isinstance(call.args[0], ast.Constant):
                continue
            first, name = call.args[0].value, name_of(call)
            if name in ("t", "language.t"):
                missing |= {first} - known.keys()
            elif name in ("tn", "language.tn"):
                missing |= {f"{first}.one", f"{first}.other"} - known.keys()
            elif re.search(errors, name) and isinstance(first, str):
                missing |= {first} - known.keys()
            elif name == "Issue" and len(call.args) > 3 and isinstance(call.args[3], ast.Constant):
                missing |= {call.args[3].value} - known.keys()
            elif name == "Next":
                missing |= {first} - known.keys()
            elif name == "ctx.write":
                missing |= {f"history.{first}"} - known.keys()
    assert missing == set()


def test_no_sentence_stands_in_two_catalogues() -> None:
    ids: Counter[str] = Counter()
    for po in files("workbench.language").joinpath("en").iterdir():
        ids.update(re.findall(r'^msgid "(.+)"$', po.read_text(encoding="utf-8"), re.MULTILINE))
    assert [id for id, n in ids.items() if n > 1] == []


def test_sentences_are_plain_and_calm() -> None:
    words = re.compile(r"(?i)\b(please|oops|successfully|sorry|invalid|error|AI)\b|!")
    blamed = {k: v for k, v in catalogue("en").items() if words.search(v)}
    assert blamed == {}


def test_only_constants_are_rendered_as_html_and_nothing_runs_script_from_data() -> None:
    for path in MODULES:
        for call in calls(path):
            for keyword in call.keywords:
                assert keyword.arg not in ("unsafe_allow_html", "unsafe_allow_javascript"), path
            if name_of(call) == "st.html":
                names = {n.id for n in ast.walk(call.args[0]) if isinstance(n, ast.Name)}
                assert all(n.isupper() for n in names - {"size"}), (path, names)
            assert "components.v1" not in name_of(call), path


def test_components_write_text_and_never_markup() -> None:
    for path in sorted(PACKAGE.rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), path


def test_no_module_pickles_and_none_needs_posix_to_be_imported() -> None:
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                assert not {a.name for a in node.names} & {"pickle", "shelve", "marshal", "dill"}, path
        for node in tree(path).body:
            if isinstance(node, ast.Import):
                assert not {a.name for a in node.names} & {"fcntl", "resource"}, path


def test_nothing_leaves_the_machine_by_the_code_we_wrote() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        for url in re.findall(r"https?://\w[^\s\"')]+", text):
            assert re.match(
                r"https?://(localhost|127\.0\.0\.1|schemas\.|www\.w3\.org|otter\\|purl\.)", url
            ), (path, url)


def test_sql_stands_in_the_store_only() -> None:
    sql = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE|DROP)\s", re.MULTILINE)
    found = []
    for path in MODULES:
        if in_layer(path, "store"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and sql.match(node.value):
                found.append((str(path.relative_to(ROOT)), node.lineno))
    assert found == []


@pytest.mark.parametrize(
    "module", ["workbench.services.overview", "workbench.services.coding", "workbench.cli"]
)
def test_what_home_and_the_command_line_need_is_light(module: str) -> None:
    heavy = "pandas,altair,spacy,sqlite_utils,numpy,docx,openpyxl,typst"
    code = f"import sys, {module}; sys.exit(bool(set('{heavy}'.split(',')) & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_layers_point_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]


def test_translation_tools_read_the_catalogues_as_we_do() -> None:
    from babel.messages.pofile import read_po

    seen: dict[str, str] = {}
    for po in files("workbench.language").joinpath("en").iterdir():
        with Path(str(po)).open("rb") as f:
            seen |= {str(m.id): str(m.string) for m in read_po(f) if m.id}
    assert seen == catalogue("en")


def test_nothing_copyleft_comes_with_the_default_install() -> None:
    import importlib.metadata
    import tomllib

    from packaging.markers import default_environment
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted, seen, copyleft = list(project["dependencies"]), set(), []
    while wanted:
        need = Requirement(wanted.pop())
        if need.name.lower() in seen or (
            need.marker and not need.marker.evaluate({**default_environment(), "extra": ""})
        ):
            continue
        seen.add(need.name.lower())
        try:
            found = importlib.metadata.metadata(need.name)
        except importlib.metadata.PackageNotFoundError:
            continue
        wanted += importlib.metadata.requires(need.name) or []
        said = [
            found.get("License-Expression") or "",
            *(c for c in found.get_all("Classifier") or () if "License" in c),
        ]
        if any(re.search(r"\b(A|L)?GPL|General Public|MPL|Mozilla|EUPL|CDDL", x) for x in said):
            copyleft.append((need.name, said))
    assert len(seen) > 30
    # certifi is a list of certificates under MPL-2.0: it stays a file of its own, which is all that licence asks.
    assert [name for name, _ in copyleft if name.lower() not in ("certifi", "tqdm")] == [], copyleft
