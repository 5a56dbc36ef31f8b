"""Who looked at whose data: sealed values shown, the journal read, exported and verified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from touchstone.journal.reading import EventRow
from touchstone.kernel.facts import Fact
from touchstone.kernel.text import Text
from touchstone.records.customer_form import REGISTRATION
from touchstone.web.journal.question import streams_about
from touchstone.web.journal.rows import Named, case_numbers, facts_of, named_stream
from touchstone.web.journal.wording import kind_title
from touchstone.web.naming import Naming

LOOKS = ("vault.value_shown", "vault.journal_read", "vault.journal_exported")


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look; instants in microseconds."""

    stream: str
    position: int
    recorded_at: int
    actor: Text
    kind: Text
    about: tuple[Named, ...]
    what: Text
    reason: str


def look_rows(found: Iterable[EventRow], naming: Naming) -> tuple[LookRow, ...]:
    """The looks among the facts of rows, in their order."""
    looks = [(row, fact) for row in found for fact in facts_of(row) if fact.kind in LOOKS]
    subjects = [_subjects(fact) for _, fact in looks]
    named = (item for listed in subjects for item in listed)
    numbers = case_numbers(item.partition(":")[2] for item in named if item.startswith("case:"))
    return tuple(
        LookRow(
            row.stream,
            row.position,
            row.recorded_at,
            naming.person(row.actor),
            kind_title(fact.kind),
            tuple(named_stream(item, numbers, naming) for item in listed),
            _what(fact),
            str(fact.data.get("reason", "")),
        )
        for (row, fact), listed in zip(looks, subjects, strict=True)
    )


def _subjects(fact: Fact) -> tuple[str, ...]:
    """``type:id`` of whom and what a look is about; empty where it is about a whole period."""
    if fact.kind == "vault.journal_read":
        return (str(fact.data["about"]),)
    if fact.kind == "vault.value_shown":
        return streams_about(str(fact.data["reference"]).partition("/")[0])
    return ()


def _what(fact: Fact) -> Text:
    if fact.kind == "vault.value_shown":
        field = str(fact.data["reference"]).split("/")[1]
        return REGISTRATION.title_of(field)
    if fact.kind == "vault.journal_exported":
        period = f"{fact.data['format']} · {fact.data['since']} – {fact.data['until']}"
        return Text(period, period)
    return Text("", "")
