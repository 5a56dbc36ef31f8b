"""The short way for the commonest decision: one table of literals over input data.

Where every cell is simple, every output a literal and every column an input, a decision is a look-up
in each column, one conjunction and one row of ready results. The function is assembled from fixed
lines that know columns by number only: nothing that a model says becomes source. Whatever is out of the ordinary
(a null, another type, no rule or several) returns None, and the decision goes the long way,
which explains itself.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from touchstone.decisions import model
from touchstone.decisions.axes import axis
from touchstone.decisions.cells import Cell, simple_cell
from touchstone.decisions.running import Result, Step, Version
from touchstone.decisions.tables import Column, CompiledTable
from touchstone.decisions.types import Kind, Mismatch
from touchstone.decisions.units import Unit
from touchstone.kernel import feel

Quick = Callable[[Mapping[str, Any]], Result | None]
_TYPES: dict[str, type] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": dt.date,
    "days and time duration": dt.timedelta,
}
_EXACT = """\
    if type(v{n}) is not type{n}:
        return None
"""
_NUMBER = """\
    if type(v{n}) is Decimal:
        if not v{n}.is_finite():
            return None
    elif type(v{n}) is int:
        v{n} = Decimal(v{n})
    elif type(v{n}) is float and isfinite(v{n}):
        v{n} = Decimal(repr(v{n}))
    else:
        return None
"""
_NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class _Rows:
    """Tells an evaluation from the number of its rule and its inputs."""

    def __init__(self, names: list[str], version: Version) -> None:
        self.version = version
        self._names = names
        self.matched: Callable[[Any], dict[str, list[str]]]
        self.trace: Callable[[Any], tuple[Step, ...]]

    def inputs(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """By name."""
        return dict(zip(self._names, row[1:], strict=True))


def quick_way(unit: Unit, version: Version) -> Quick | None:
    """The short way of a decision, None where it has none."""
    element = unit.element
    if not isinstance(element, model.Decision) or not isinstance(element.logic, model.Table):
        return None
    if unit.knows or len(unit.tables) != 1:
        return None
    table = unit.tables[0]
    kinds = _inputs_of(unit, table)
    if kinds is None or table.box.policy not in "UAPF" or not table.box.rules:
        return None
    names = list(kinds)
    values = _values(unit, table)
    parts = [
        _look_up(column, kind) for column, kind in zip(table.columns, kinds.values(), strict=True)
    ]
    if values is None or any(part is None for part in parts):
        return None
    found = [part for part in parts if part is not None]
    return _assembled(table, names, found, values, _Rows(names, version))


def _inputs_of(unit: Unit, table: CompiledTable) -> dict[str, Kind] | None:
    """The input behind each column with its kind, None where a column is anything else."""
    known = {
        path[0]: other
        for path, other in unit.needs
        if len(path) == 1 and isinstance(other.element, model.InputData)
    }
    names = [column.box.expression.text for column in table.columns]
    if not names or len(known) != len(unit.needs) or set(names) != set(known):
        return None
    for column, name in zip(table.columns, names, strict=True):
        kind = known[name].kind
        if column.hard or not (kind.free or kind.type == column.kind.type):
            return None
        if kind.whole is not None or column.kind.whole is not None:
            return None
    if len(set(names)) < len(names):
        return None
    return {name: known[name].kind for name in names}


def _values(unit: Unit, table: CompiledTable) -> list[Any] | None:
    """The host value of each rule, None where one is not known before the run."""
    run = feel.Run(_NEVER)
    found = []
    for rule in range(len(table.box.rules)):
        row = []
        for output in table.outputs:
            value = output.literals[rule]
            if value is None or (output.allowed is not None and not output.allowed(value, run)):
                return None
            try:
                row.append(output.kind.fitting(value, run))
            except Mismatch:
                return None
        value = table.value_of(row)
        try:
            found.append(feel.host(unit.kind.fitting(value, run)))
        except Mismatch:
            return None
    return found


def _look_up(column: Column, kind: Kind) -> tuple[str, Any, list[int]] | None:
    """The order, thresholds and masks of a column; the mask of what is not allowed is empty."""
    if column.order not in _TYPES:
        return None
    limits = _limits(kind, column)
    if limits is None:
        return None
    cut = axis([*column.cells, *limits], column.order)
    rules = (1 << len(column.cells)) - 1
    allowed = ((1 << len(limits)) - 1) << len(column.cells)
    masks = [mask & rules if mask & allowed == allowed else 0 for mask in cut.masks]
    return column.order, list(cut.thresholds), masks


def _limits(kind: Kind, column: Column) -> list[Cell] | None:
    """The values that the input, the column and its type allow; None where these are free FEEL."""
    found = []
    scope = {"?": column.kind.type}
    for literal, tested in (
        (kind.allowed_text, kind.allowed is not None),
        (column.kind.allowed_text, column.kind.allowed is not None),
        (column.box.values, column.allowed is not None),
    ):
        if not tested:
            continue
        cell = simple_cell(literal.text, scope) if literal is not None else None
        if cell is None or cell.order not in ("", column.order):
            return None
        found.append(cell)
    return found


def _side(masks: list[int]) -> tuple[str, list[int]]:
    """How to find a value's mask, and in what: where every threshold goes with its neighbour on the
    same side, one bisection does."""
    if masks[1::2] == masks[2::2]:
        return "bisect_right(cuts{n}, v{n})", masks[::2]
    if masks[1::2] == masks[:-1:2]:
        return "bisect_left(cuts{n}, v{n})", masks[::2]
    return "bisect_left(cuts{n}, v{n}) + bisect_right(cuts{n}, v{n})", masks


def _assembled(
    table: CompiledTable,
    names: list[str],
    parts: list[tuple[str, Any, list[int]]],
    values: list[Any],
    record: _Rows,
) -> Quick:
    """The function of the look-ups and those that tell what it did; their source holds numbers of
    columns and nothing of the model."""
    space: dict[str, Any] = {
        "Decimal": Decimal,
        "Result": Result,
        "make": object.__new__,  # a result without the cost of a call to its constructor
        "bisect_left": bisect_left,
        "isfinite": isfinite,
        "bisect_right": bisect_right,
        "record": record,
        "values": values,
        "Step": Step,
        "new": tuple.__new__,  # a step without the cost of reading its arguments by name
        "decided": table.name,
        "ids": [(name,) for name in table.ids],
        "names": table.ids,
        "none": (),
    }
    lines = ["def quick(given):", "    get = given.get"]
    for number, (order, thresholds, masks) in enumerate(parts):
        space |= {
            f"name{number}": names[number],
            f"type{number}": _TYPES[order],
            f"cuts{number}": thresholds,
        }
        lines.append(f"    v{number} = get(name{number})")
        lines.append((_NUMBER if order == "number" else _EXACT).format(n=number).rstrip())
        start = "hits =" if number == 0 else "hits &="
        if order in ("string", "boolean") and len(set(masks[::2])) <= 1:
            space[f"known{number}"] = {
                value: masks[2 * i + 1] for i, value in enumerate(thresholds)
            }.get
            space[f"other{number}"] = masks[0]
            lines.append(f"    {start} known{number}(v{number}, other{number})")
        else:
            side, space[f"masks{number}"] = _side(masks)
            lines.append(f"    {start} masks{number}[{side.format(n=number)}]")
    if table.box.policy == "F":
        lines.append("    hits &= -hits")
    space["rule_of"] = {1 << rule: rule for rule in range(len(values))}.get
    lines += ["    rule = rule_of(hits)", "    if rule is None:", "        return None"]
    value = "values[rule]" if table.single else "dict(values[rule])"
    given = ", ".join(f"v{number}" for number in range(len(parts)))
    lines += [
        "    result = make(Result)",
        f"    result.value = {value}",
        "    result._record = record",
        f"    result._row = rule, {given}",
        "    return result",
    ]
    lines += ["def matched(row):", "    return {decided: [names[row[0]]]}"]
    lines += ["def trace(row):", f"    rule, {given} = row", "    return ("]
    lines += [
        f"        new(Step, (name{number}, 'input', v{number}, none, none, none)),"
        for number in range(len(parts))
    ]
    if table.single:
        space["steps"] = [
            Step(table.name, "decision", value, (name,))
            for name, value in zip(table.ids, values, strict=True)
        ]
        lines += ["        steps[rule],", "    )"]
    else:
        lines += [
            "        new(Step, (decided, 'decision', dict(values[rule]), ids[rule], none, none)),"
        ]
        lines += ["    )"]
    exec("\n".join(lines), space)  # noqa: S102 - fixed lines and numbers of columns, see above
    record.matched, record.trace = space["matched"], space["trace"]
    quick: Quick = space["quick"]
    return quick
