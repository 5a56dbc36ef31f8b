"""Projections: tables whose rows are folded from facts, in the act and in replay alike.

A row is folded from facts of one stream only, so streams can be replayed one by one. Folds are
pure: they evaluate no rule, calendar or permission and read no other row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from touchstone.journal.session import Statement
from touchstone.kernel.canonical import canonical_text
from touchstone.kernel.facts import Recorded

ColumnKind = Literal["text", "int", "bool", "json", "bytes"]
Key = tuple[Any, ...]
Values = dict[str, Any]
Keys = Callable[[Recorded], Iterable[Key]]
Fold = Callable[[Values | None, Recorded], Values | None]


@dataclass(frozen=True)
class Projection:
    """A table and the folds that make its rows.

    Attributes:
        table: database table.
        key: key columns, in order.
        columns: every column by kind; ``json`` is stored as canonical text.
        folds: fact kind -> (keys of the rows it touches, fold). A fold gets the row as it stands,
            or None, and returns the new row, or None to remove it; it never changes its input.
    """

    table: str
    key: tuple[str, ...]
    columns: Mapping[str, ColumnKind]
    folds: Mapping[str, tuple[Keys, Fold]]
    select: str = field(init=False)

    def __post_init__(self) -> None:
        assert set(self.key) <= set(self.columns), self.table
        object.__setattr__(self, "select", f"SELECT {', '.join(self.columns)} FROM {self.table}")

    def decode(self, stored: Iterable[Any]) -> Values:
        """A stored row as values by column."""
        row: Values = {}
        for (name, kind), value in zip(self.columns.items(), stored, strict=True):
            if value is None:
                row[name] = None
            elif kind == "json":
                row[name] = json.loads(value)
            elif kind == "bool":
                row[name] = bool(value)
            elif kind == "bytes":
                row[name] = bytes(value)
            else:
                row[name] = value
        return row

    def encode(self, name: str, value: Any) -> Any:
        """The stored form of one value."""
        if value is not None and self.columns[name] == "json":
            return canonical_text(value)
        return value

    def key_of(self, row: Mapping[str, Any]) -> Key:
        """The row's key."""
        return tuple(row[name] for name in self.key)

    def where(self) -> str:
        """The condition on the key, with placeholders."""
        return " AND ".join(f"{name} = %s" for name in self.key)

    def change(self, before: Values | None, after: Values | None) -> Statement | None:
        """The statement that takes the stored row from ``before`` to ``after``; None if equal."""
        if after is None:
            if before is None:
                return None
            return f"DELETE FROM {self.table} WHERE {self.where()}", self.key_of(before)
        if before is None:
            assert after.keys() == self.columns.keys(), (self.table, after.keys())
            names = ", ".join(after)
            places = ", ".join(["%s"] * len(after))
            values = [self.encode(name, value) for name, value in after.items()]
            return f"INSERT INTO {self.table} ({names}) VALUES ({places})", values
        changed = [name for name in self.columns if before[name] != after[name]]
        if not changed:
            return None
        assert not set(changed) & set(self.key), (self.table, changed)
        sets = ", ".join(f"{name} = %s" for name in changed)
        values = [self.encode(name, after[name]) for name in changed]
        return (
            f"UPDATE {self.table} SET {sets} WHERE {self.where()}",
            [*values, *self.key_of(before)],
        )


_by_table: dict[str, Projection] = {}
_by_kind: dict[str, list[Projection]] = {}


def register(projection: Projection) -> None:
    """Make ``projection`` part of every act and of replay; called when the application starts."""
    if projection.table in _by_table:
        return
    _by_table[projection.table] = projection
    for kind in projection.folds:
        _by_kind.setdefault(kind, []).append(projection)


def projections() -> Mapping[str, Projection]:
    """Every registered projection by table."""
    return dict(_by_table)


def projection_of(table: str) -> Projection:
    """The projection of ``table``."""
    return _by_table[table]


def touched_by(kind: str) -> Iterable[Projection]:
    """The projections that fold facts of ``kind``."""
    return _by_kind.get(kind, ())
