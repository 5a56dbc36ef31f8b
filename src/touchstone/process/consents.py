"""What a customer consented to in his cases: fields of forms that content marks ``x-consent``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from touchstone.journal.projections import Values
from touchstone.journal.reading import stream_rows
from touchstone.kernel.text import Text
from touchstone.kernel.time import from_microseconds
from touchstone.process.course.walk import walk
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.folds import CASES

_NUMBERS = "SELECT id, number FROM process_case WHERE customer = %s"


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent: in the customer's words, in which of his cases, when it was recorded."""

    text: Text
    number: str
    given_at: dt.datetime


def consents_of(customer: str, *, limit: int = 50) -> tuple[Consent, ...]:
    """The customer's consents, the latest first, of his latest cases."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{CASES.select} WHERE customer = %s ORDER BY started_at DESC, id LIMIT %s",
            (customer, limit),
        )
        rows = [CASES.decode(row) for row in cursor.fetchall()]
        cursor.execute(_NUMBERS, (customer,))
        numbers = {str(case): str(number) for case, number in cursor.fetchall()}
    found = [item for row in rows for item in _given(row, numbers)]
    return tuple(sorted(found, key=lambda item: item.given_at, reverse=True))


def _given(row: Values, numbers: dict[str, str]) -> Iterator[Consent]:
    deployed = deployment(row["content"], row["procedure"])
    given = {
        element: texts
        for element, fields in _marked(deployed).items()
        if (texts := [text for name, text in fields if row["engine"]["vars"].get(name) is True])
    }
    if not given:
        return
    number = numbers[row["caller_case"] or row["id"]]
    facts = (fact for stored in stream_rows(f"case:{row['id']}") for fact in stored.recorded())
    last = {
        visit.element: visit.closed_at
        for visit in walk(facts, deployed.program).visits
        if visit.how == "completed" and visit.closed_at is not None and not visit.superseded
    }
    for element, texts in given.items():
        if element in last:
            for text in texts:
                yield Consent(text, number, from_microseconds(last[element]))


def _marked(deployed: Deployment) -> dict[str, list[tuple[str, Text]]]:
    """Step -> its fields that are a consent, each in the customer's words."""
    found = {}
    for element, step in deployed.procedure.steps.items():
        form = deployed.forms.get(step.form or "")
        fields = [
            (name, Text.from_mapping(item["x-consent"]))
            for name, item in (form.properties.items() if form else ())
            if "x-consent" in item
        ]
        if fields:
            found[element] = fields
    return found
