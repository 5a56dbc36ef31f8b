"""Laws of the repository that neither a linter nor a type can see."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

import touchstone
from touchstone.journal.projections import projections
from touchstone.journal.table_class import TableClass

SOURCE = Path(touchstone.__file__).parent
ROOT = Path(__file__).parents[2]
OURS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model.__module__.startswith("touchstone.")
]
_CHINESE = re.compile(r"[一-鿿]")


def test_every_table_of_ours_declares_its_class() -> None:
    undeclared = [
        model.__name__
        for model in OURS
        if not isinstance(getattr(model, "table_class", None), TableClass)
    ]

    assert len(OURS) >= 15
    assert undeclared == []


def test_a_projection_and_its_table_have_the_same_columns() -> None:
    tables = {
        model._meta.db_table: [field.column for field in model._meta.concrete_fields]
        for model in OURS
        if model.table_class is TableClass.PROJECTION
    }
    folded = {name: sorted(projection.columns) for name, projection in projections().items()}

    assert {
        name: sorted(set(columns) - {"pk"} - _surrogate(name, columns))
        for name, columns in tables.items()
    } == folded


def _surrogate(table: str, columns: list[str]) -> set[str]:
    """Django's own key column where the projection's key has several parts."""
    return {"id"} - set(projections()[table].columns) if table in projections() else set()


def refusals() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refuse":
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", node


def written(node: ast.expr) -> str | None:
    """What a literal or the fixed parts of an f-string say; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return None


def test_every_refusal_has_a_code_and_says_why_in_both_languages() -> None:
    faults, seen = [], 0
    for place, call in refusals():
        texts = [written(item) for item in call.args]
        code, zh, en = (*texts, None, None, None)[:3]
        seen += 1
        if code is not None and not re.fullmatch(r"[a-z]+\.[a-z_]+", code):
            faults.append(f"{place}: code {code!r}")
        if zh is not None and re.search(r"\w", zh) and not _CHINESE.search(zh):
            faults.append(f"{place}: {zh!r} is no Chinese")
        if en is not None and _CHINESE.search(en):
            faults.append(f"{place}: {en!r} is no English")
        remedies = {item.arg for item in call.keywords if (item.arg or "").startswith("remedy")}
        if len(remedies) == 1:
            faults.append(f"{place}: a remedy in one language")

    assert seen > 100
    assert faults == []


def test_nothing_goes_round_the_layers_by_signals() -> None:
    using = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(r"django\.(dispatch|db\.models\.signals)", path.read_text(encoding="utf-8"))
    ]

    assert using == []


def test_every_module_says_what_it_owns() -> None:
    silent = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


@pytest.mark.parametrize(
    "page", ["README.md", "README.zh.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/status.md"]
)
def test_links_within_the_repository_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text)
    folder = (ROOT / page).parent

    assert [link for link in links if not (folder / link).exists()] == []


def test_a_glossary_term_has_one_noun_and_stands_once() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and "---" not in line
    ][1:]

    for column in (0, 1):
        counted = Counter(row[column] for row in rows)
        assert [term for term, times in counted.items() if times > 1] == []
    assert all(len(row) == 3 and all(row) for row in rows)


def test_the_chinese_and_the_english_readme_tell_the_same() -> None:
    def shape(name: str) -> tuple[int, int, int]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        headings = sum(line.startswith("#") for line in lines)
        rows = sum(line.startswith("|") for line in lines)
        return headings, rows, sum(line.startswith("make ") for line in lines)

    assert shape("README.md") == shape("README.zh.md")
