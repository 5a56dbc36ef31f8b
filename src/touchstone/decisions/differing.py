"""What differs between two versions of a decision table, row by row and cell by cell. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from touchstone.decisions import model
from touchstone.decisions.model import Definitions, Rule, Table

How = Literal["same", "changed", "added", "removed"]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of either table.

    Attributes:
        before, after: the row's number there, from 0; None where it is not there.
        cells: columns (conditions, results, annotations, counted in the later table) that differ.
        is_moved: whether it stands in another place among the rows that both have.
    """

    how: How
    before: int | None
    after: int | None
    cells: frozenset[int] = frozenset()
    is_moved: bool = False


@dataclass(frozen=True, slots=True)
class TableChange:
    """One table of either model.

    Attributes:
        id: of the decision or knowledge model whose table it is.
        rows: in the order of the later table, a removed row where it stood.
        is_recut: whether columns or hit policy differ, so that cells do not compare.
    """

    id: str
    before: Table | None
    after: Table | None
    rows: tuple[RowChange, ...]
    is_recut: bool

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return (
            self.before is not None
            and self.after is not None
            and not self.is_recut
            and all(row.how == "same" and not row.is_moved for row in self.rows)
        )


def owned_tables(definitions: Definitions) -> dict[str, Table]:
    """Id of a decision or knowledge model -> the table that is its logic."""
    found = {}
    for item in definitions.elements:
        logic = item.logic if isinstance(item, model.Decision | model.KnowledgeModel) else None
        if isinstance(logic, model.FunctionDefinition):
            logic = logic.body
        if isinstance(logic, Table):
            found[item.id] = logic
    return found


def differences(before: Definitions, after: Definitions) -> tuple[TableChange, ...]:
    """Every table of two models beside each other, in the order of the later one."""
    old, new = owned_tables(before), owned_tables(after)
    found = [_change(name, old.get(name), table) for name, table in new.items()]
    found += [_change(name, table, None) for name, table in old.items() if name not in new]
    return tuple(found)


def _change(name: str, before: Table | None, after: Table | None) -> TableChange:
    if before is None or after is None:
        rows = before.rules if before else after.rules if after else ()
        lines = tuple(
            RowChange("removed" if before else "added", *((n, None) if before else (None, n)))
            for n in range(len(rows))
        )
        return TableChange(name, before, after, lines, False)
    is_recut = _head(before) != _head(after)
    return TableChange(name, before, after, _rows(before, after), is_recut)


def _head(table: Table) -> tuple[object, ...]:
    inputs = tuple((item.expression.text, item.label) for item in table.inputs)
    outputs = tuple(item.name for item in table.outputs)
    return table.policy, table.aggregation, inputs, outputs, table.annotations


def cells_of(rule: Rule) -> tuple[str, ...]:
    """The cells of a row as written, from left to right."""
    return (*map(written, rule.conditions), *map(written, rule.results), *rule.annotations)


def written(cell: model.Literal) -> str:
    """A cell as the file has it, its parameters by name."""
    return cell.written or cell.text


def _rows(before: Table, after: Table) -> tuple[RowChange, ...]:
    pairs = _pairs(before.rules, after.rules)
    kept = _in_order([pairs[n] for n in range(len(after.rules)) if n in pairs])
    found: list[RowChange] = []
    gone = [n for n in range(len(before.rules)) if n not in set(pairs.values())]
    for number, rule in enumerate(after.rules):
        old = pairs.get(number)
        if old is None:
            found.append(RowChange("added", None, number))
            continue
        while gone and gone[0] < old:
            found.append(RowChange("removed", gone.pop(0), None))
        cells = _cells(before.rules[old], rule)
        how: How = "changed" if cells else "same"
        found.append(RowChange(how, old, number, cells, old not in kept))
    found += [RowChange("removed", n, None) for n in gone]
    return tuple(found)


def _pairs(before: Sequence[Rule], after: Sequence[Rule]) -> dict[int, int]:
    """Row of the later table -> row of the earlier: by id, else by the same conditions."""
    by_id = {rule.place.element: n for n, rule in enumerate(before)}
    found = {
        n: by_id[rule.place.element]
        for n, rule in enumerate(after)
        if rule.place.element in by_id and not rule.place.element.isdigit()
    }
    taken = set(found.values())
    by_conditions = {
        tuple(map(written, rule.conditions)): n for n, rule in enumerate(before) if n not in taken
    }
    for n, rule in enumerate(after):
        old = by_conditions.pop(tuple(map(written, rule.conditions)), None)
        if n not in found and old is not None:
            found[n] = old
    return found


def _in_order(numbers: Sequence[int]) -> set[int]:
    """Those that did not move: the longest part that is still in the earlier order."""
    blocks = SequenceMatcher(None, sorted(numbers), list(numbers), autojunk=False)
    return {numbers[b + n] for _, b, size in blocks.get_matching_blocks() for n in range(size)}


def _cells(before: Rule, after: Rule) -> frozenset[int]:
    old, new = cells_of(before), cells_of(after)
    return frozenset(n for n, text in enumerate(new) if n >= len(old) or old[n] != text)
