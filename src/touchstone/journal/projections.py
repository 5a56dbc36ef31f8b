"""Projections: tables whose rows are folded from facts, in the act and in replay alike.

A row is folded from facts of one stream only, so streams can be replayed one by one. Folds are
pure: they evaluate no rule, calendar or permission and read no other row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from touchstone.journal.session import Statement
from touchstone.kernel.canonical import text_of_checked
from touchstone.kernel.facts import Recorded

ColumnKind = Literal["text", "int", "bool", "json", "bytes"]
Key = tuple[Any, ...]
Values = dict[str, Any]
Keys = Callable[[Recorded], Iterable[Key]]
Fold = Callable[[Values | None, Recorded], Values | None]


_DECODERS: Mapping[str, Callable[[Any], Any]] = {"json": orjson.loads, "bool": bool, "bytes": bytes}


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
    _names: tuple[str, ...] = field(init=False, repr=False)
    _decoders: tuple[tuple[str, Callable[[Any], Any]], ...] = field(init=False, repr=False)
    _json: frozenset[str] = field(init=False, repr=False)
    _key_names: frozenset[str] = field(init=False, repr=False)
    _nothing: Values = field(init=False, repr=False)
    _inserts: dict[tuple[str, ...], str] = field(init=False, repr=False, default_factory=dict)
    _updates: dict[tuple[str, ...], str] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        assert set(self.key) <= set(self.columns), self.table
        object.__setattr__(self, "select", f"SELECT {', '.join(self.columns)} FROM {self.table}")
        object.__setattr__(self, "_names", tuple(self.columns))
        json = frozenset(name for name, kind in self.columns.items() if kind == "json")
        object.__setattr__(self, "_json", json)
        object.__setattr__(self, "_key_names", frozenset(self.key))
        object.__setattr__(self, "_nothing", dict.fromkeys(self.columns))
        decoders = [
            (name, _DECODERS[kind]) for name, kind in self.columns.items() if kind in _DECODERS
        ]
        object.__setattr__(self, "_decoders", tuple(decoders))

    def decode(self, stored: Iterable[Any]) -> Values:
        """A stored row as values by column."""
        row = dict(zip(self._names, stored, strict=True))
        for name, decoder in self._decoders:
            value = row[name]
            if value is not None:
                row[name] = decoder(value)
        return row

    def key_of(self, row: Mapping[str, Any]) -> Key:
        """The row's key."""
        return tuple([row[name] for name in self.key])

    def where(self) -> str:
        """The condition on the key, with placeholders."""
        return " AND ".join(f"{name} = %s" for name in self.key)

    def change(self, before: Values | None, after: Values | None) -> Statement | None:
        """The statement that takes the stored row from ``before`` to ``after``; None if equal."""
        if after is before:
            return None
        if after is None:
            if before is None:
                return None
            return f"DELETE FROM {self.table} WHERE {self.where()}", self.key_of(before)
        assert len(after) == len(self._names), (self.table, after.keys())
        # A new row's column without a value is left to its default, which is null.
        known = self._nothing if before is None else before
        json = self._json
        changed: list[str] = []
        stored: list[Any] = []
        for name in self._names:
            value = after[name]
            was = known[name]
            if value is was or value == was:
                continue
            changed.append(name)
            # Values come from facts, which are checked when they are encoded.
            is_json = name in json and value is not None
            stored.append(text_of_checked(value) if is_json else value)
        if before is None:
            return self._insert(tuple(changed)), stored
        if not changed:
            return None
        assert self._key_names.isdisjoint(changed), (self.table, changed)
        stored += self.key_of(before)
        return self._update(tuple(changed)), stored

    def _insert(self, filled: tuple[str, ...]) -> str:
        sql = self._inserts.get(filled)
        if sql is None:
            places = ", ".join(["%s"] * len(filled))
            sql = f"INSERT INTO {self.table} ({', '.join(filled)}) VALUES ({places})"
            self._inserts[filled] = sql
        return sql

    def _update(self, changed: tuple[str, ...]) -> str:
        sql = self._updates.get(changed)
        if sql is None:
            sets = ", ".join(f"{name} = %s" for name in changed)
            sql = f"UPDATE {self.table} SET {sets} WHERE {self.where()}"
            self._updates[changed] = sql
        return sql


_by_table: dict[str, Projection] = {}
_by_kind: dict[str, list[tuple[str, Keys, Fold]]] = {}


def register(projection: Projection) -> None:
    """Make ``projection`` part of every act and of replay; called when the application starts."""
    if projection.table in _by_table:
        return
    _by_table[projection.table] = projection
    for kind, (keys, fold) in projection.folds.items():
        _by_kind.setdefault(kind, []).append((projection.table, keys, fold))


def projections() -> Mapping[str, Projection]:
    """Every registered projection by table."""
    return dict(_by_table)


def projection_of(table: str) -> Projection:
    """The projection of ``table``."""
    return _by_table[table]


def folds_of(kind: str) -> Iterable[tuple[str, Keys, Fold]]:
    """The tables that facts of ``kind`` touch, each with the keys of the rows and the fold."""
    return _by_kind.get(kind, ())
