"""Entries as their rows and pages show them: options by their labels, sealed fields as locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.journal.reading import stream_rows
from touchstone.kernel.forms import Field
from touchstone.kernel.text import Text
from touchstone.records.folds import entry_stream
from touchstone.records.queries import Entry
from touchstone.ui.forms.reading import read_out
from touchstone.web.journal.rows import facts_of
from touchstone.web.journal.wording import kind_title
from touchstone.web.naming import Naming
from touchstone.web.registers.reach import Reach

_NUMBERS = frozenset({"integer", "decimal", "money"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row, in both languages."""

    title: Text
    text: Text
    is_number: bool


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as its row shows it."""

    entry: Entry
    cells: tuple[Cell, ...]
    entered_by: Text


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One field of an entry's page; ``is_sealed`` where only a lock is shown."""

    title: Text
    text: Text
    is_sealed: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to an entry; instants in microseconds."""

    at: int
    title: Text
    actor: Text
    reason: str


def entry_rows(found: Iterable[Entry], reach: Reach, naming: Naming) -> tuple[EntryRow, ...]:
    """Rows in the order found."""
    return tuple(
        EntryRow(
            item,
            tuple(_cell(item, column, reach, naming) for column in reach.columns),
            naming.person(item.entered_by),
        )
        for item in found
    )


def _cell(item: Entry, column: str, reach: Reach, naming: Naming) -> Cell:
    field = reach.register.form.field_at([column])
    assert field is not None, column
    is_sealed = column in item.sealed
    text = Text("已加密", "sealed") if is_sealed else _text(field, item.values.get(column), naming)
    return Cell(field.title, text, field.kind in _NUMBERS)


def _text(field: Field, value: Any, naming: Naming) -> Text:
    if value is None:
        return Text("—", "—")
    named = {"unit": naming.unit, "person": naming.person, "course": naming.course}
    if field.name in named:
        return named[field.name](str(value))
    return Text(read_out(field, value, "zh"), read_out(field, value, "en"))


def shown_values(
    item: Entry, reach: Reach, naming: Naming, shown: Mapping[str, Any]
) -> tuple[ShownValue, ...]:
    """Every field of the register's form, in its order; ``shown`` was just shown for a reason."""
    found = []
    for field in reach.register.form.fields:
        is_shown = field.name in shown
        is_sealed = field.name in item.sealed and not is_shown
        value = shown.get(field.name, item.values.get(field.name))
        text = Text("", "") if is_sealed else _text(field, value, naming)
        found.append(ShownValue(field.title, text, is_sealed, is_shown))
    return tuple(found)


def history_of(entry: str, naming: Naming) -> tuple[Change, ...]:
    """What happened to an entry, the newest first."""
    found = [
        Change(
            row.recorded_at,
            kind_title(fact.kind),
            naming.person(row.actor),
            str(fact.data.get("reason", "")),
        )
        for row in stream_rows(entry_stream(entry))
        for fact in facts_of(row)
    ]
    return tuple(reversed(found))
