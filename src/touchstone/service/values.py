"""What stands in the places of a case's letter: open variables, promised dates, limits, wording.

A sealed field never gets here, but for the reader's own name, which is opened for this one act and
kept nowhere.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from touchstone.clocks.queries import rows_for
from touchstone.identity.directory import Directory
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE, day_of, from_microseconds
from touchstone.process.procedure import Procedure
from touchstone.records.folds import CUSTOMERS
from touchstone.service.letters import Letter
from touchstone.service.recipients import Recipient
from touchstone.standard.parameters import parameters
from touchstone.standard.queries import clauses
from touchstone.vault.actions import open_within

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_UNNAMED = Text("尊敬的客户", "Dear customer")


def values_for_case(
    unit: UnitOfWork,
    letter: Letter,
    procedure: Procedure,
    case: Values,
    recipient: Recipient,
    directory: Directory,
) -> dict[str, Text]:
    """Every value that ``letter`` may use of ``case``; what is not there is left out."""
    place = directory.units.get(case["unit"])
    head = directory.units.get(directory.ancestor(case["unit"], "head")) if place else None
    found: dict[str, Text] = {
        "recipient.name": name_of(unit, recipient, directory),
        "case.number": _same(case["number"]),
        "case.title": procedure.title,
        "today": day_text(day_of(unit.now)),
    }
    if place and head:
        found |= {"unit.name": place.name, "institution.name": head.name}
    variables: Mapping[str, Any] = case["engine"]["vars"]
    for variable in letter.variables:
        value = variables.get(variable)
        if value is not None:
            found[variable] = letter.words.get(variable, {}).get(str(value)) or said(value)
    found |= _promised(unit, letter, case["id"])
    return found | _of_the_standard(letter, case["content"], day_of(unit.now))


def _promised(unit: UnitOfWork, letter: Letter, case: str) -> dict[str, Text]:
    if not letter.clocks:
        return {}
    rows = rows_for(unit, case)
    return {
        f"clock.{clock}": moment_text(from_microseconds(rows[clock]["due_at"]))
        for clock in letter.clocks
        if clock in rows
    }


def _of_the_standard(letter: Letter, content: int, day: dt.date) -> dict[str, Text]:
    known = parameters(content)
    wording = clauses(content)
    found = {
        f"limit.{limit}": known[limit].limit_on(day).text
        for limit in letter.limits
        if limit in known and known[limit].value_on(day) is not None
    }
    for clause in letter.clauses:
        if clause in wording:
            text = wording[clause].text
            found[f"clause.{clause}"] = Text(_plain(text.zh), _plain(text.en))
    return found


def name_of(unit: UnitOfWork, recipient: Recipient, directory: Directory) -> Text:
    """How a reader is addressed; a customer's name is opened from the vault."""
    if recipient.kind == "person" and recipient.id in directory.persons:
        return directory.persons[recipient.id].name
    if recipient.kind == "customer":
        reference = customer_fields(unit, recipient.id).get("name")
        if reference:
            try:
                return _same(str(open_within(unit, reference)))
            except Refusal:
                return _UNNAMED
    if recipient.kind == "post":
        return _same(recipient.id)
    return _UNNAMED


def customer_fields(unit: UnitOfWork, customer: str) -> Mapping[str, str]:
    """The sealed fields of a customer who was not erased: field -> vault reference."""
    row = unit.row(CUSTOMERS.table, (customer,))
    return row["sealed"] if row and row["state"] == "active" else {}


def said(value: Any) -> Text:
    """An open value in words."""
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, int | Decimal):
        return _same(f"{value:,}")
    return _same(str(value))


def day_text(day: dt.date) -> Text:
    """A day in words."""
    return Text(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B %Y}")


def moment_text(instant: dt.datetime) -> Text:
    """A deadline in words, by the institution's clock; the end of a day is that day's 24:00."""
    local = instant.astimezone(INSTITUTION_ZONE)
    if local.time() == dt.time():
        day = day_text(local.date() - dt.timedelta(days=1))
        return Text(f"{day.zh}24:00", f"24:00 on {day.en}")
    day = day_text(local.date())
    return Text(f"{day.zh}{local:%H:%M}", f"{local:%H:%M} on {day.en}")


def _plain(text: str) -> str:
    return " ".join(_LINK.sub(r"\1", text).split())


def _same(text: str) -> Text:
    return Text(text, text)
