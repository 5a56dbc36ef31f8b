"""Cases found by what they are about, and who did their steps, for documents that are signed by procedure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that was completed; the instant in microseconds."""

    element: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class CaseAbout:
    """A case with its open variables."""

    id: str
    number: str
    state: str
    variables: Mapping[str, Any]


def cases_of_procedure(procedure: str, *, most: int = 500) -> tuple[CaseAbout, ...]:
    """The latest cases of a procedure, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, number, state, engine FROM process_case WHERE procedure = %s"
            " ORDER BY started_at DESC, id LIMIT %s",
            (procedure, most),
        )
        return tuple(
            CaseAbout(case, number, state, json.loads(engine)["vars"])
            for case, number, state, engine in cursor.fetchall()
        )


def steps_done(case: str) -> Mapping[str, StepDone]:
    """Step -> who completed it last, and when."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT element, done_by, closed_at FROM process_task WHERE case_id = %s"
            " AND state = 'completed' AND done_by IS NOT NULL ORDER BY closed_at, id",
            (case,),
        )
        return {row[0]: StepDone(*row) for row in cursor.fetchall()}
