"""Reads of cases and tasks for pages and commands; frozen values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from touchstone.journal.projections import Values
from touchstone.journal.reading import stream_rows
from touchstone.journal.session import read_committed
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.deployment import deployment
from touchstone.process.folds import CASES, TASKS
from touchstone.process.migration import CaseSoFar, Misfit, misfits, procedure_gone

_TASK = "SELECT id, case_id, element, pool, state, opened_at, due_at FROM process_task"
_OPEN, _CLAIMED = "state = 'open' AND pool = %s", "state = 'claimed' AND claimed_by = %s"
# Whose opinion is asked for beside those who may take the task (加签, 会签), and not given yet.
_SIGNING = (
    "signers IS NOT NULL AND state IN ('open', 'claimed') AND signers LIKE %s ESCAPE '\\'"
    " AND (claimed_by IS NULL OR claimed_by <> %s)"
)
_FIRST_DUE = "ORDER BY due_at NULLS LAST, id LIMIT %s"
_OF_PROCEDURE = (
    "EXISTS (SELECT 1 FROM process_case c WHERE c.id = process_task.case_id AND c.procedure = %s)"
)
_MATTERS = (
    "SELECT id, case_id, kind, subject, element, clause, pool, why, opened_at, due_at, barred"
    " FROM process_matter WHERE state = 'open' AND pool = %s ORDER BY due_at NULLS LAST, id LIMIT %s"
)
_NO_DEADLINE = 2**62
# Facts that say who acted on a step.
_ACTING = frozenset({"process.step_left", "process.task_signed", "process.task_resolved"})


@dataclass(frozen=True, slots=True)
class WorklistEntry:
    """One task that a person has taken, may take or is asked to sign; instants in microseconds.

    Attributes:
        state: ``open``, ``claimed``, or ``signing``: his opinion is asked for.
    """

    task: str
    case: str
    element: str
    pool: str
    state: str
    opened_at: int
    due_at: int | None


@dataclass(frozen=True, slots=True)
class MatterEntry:
    """One matter that somebody must see to; instants in microseconds.

    Attributes:
        kind: ``escalation``, ``handoff`` or ``review``.
        subject: ``clock/round``, number of the procedure, or id of the task it is about.
        why: of an escalation, by what rule its superior was found.
    """

    matter: str
    case: str
    kind: str
    subject: str
    element: str | None
    clause: str | None
    pool: str
    why: str | None
    opened_at: int
    due_at: int | None


@dataclass(frozen=True, slots=True)
class CaseCount:
    """How many cases of a procedure are open and ended."""

    procedure: str
    number: str
    title: Text
    open: int
    ended: int


def worklist(
    person: str,
    pools: Iterable[str],
    *,
    limit: int = 50,
    procedure: str | None = None,
    due_before: int | None = None,
) -> tuple[WorklistEntry, ...]:
    """What ``person`` has taken, may take from ``pools`` or is asked to sign, what runs out first on top.

    One short index range per pool, one for the person's own tasks and one for those with signers; the
    rest is never touched.
    ``procedure`` and ``due_before`` (microseconds) leave out what is of another or due later.
    """
    narrowed = [
        (term, value)
        for term, value in ((_OF_PROCEDURE, procedure), ("due_at < %s", due_before))
        if value is not None
    ]
    found: list[WorklistEntry] = []
    for place, value in [(_CLAIMED, person), *((_OPEN, pool) for pool in sorted(set(pools)))]:
        condition = " AND ".join([place, *(term for term, _ in narrowed)])
        params = (value, *(value for _, value in narrowed), limit)
        sql = f"{_TASK} WHERE {condition} {_FIRST_DUE}"
        found.extend(WorklistEntry(*row) for row in read_committed(sql, params))
    place, given = _asked_to_sign(person, pools)
    condition = " AND ".join([place, *(term for term, _ in narrowed)])
    params = (*given, *(value for _, value in narrowed), limit)
    asked = read_committed(f"{_TASK} WHERE {condition} {_FIRST_DUE}", params)
    found.extend(replace(WorklistEntry(*row), state="signing") for row in asked)
    found.sort(key=lambda entry: (entry.due_at or _NO_DEADLINE, entry.task))
    return tuple(found[:limit])


def _asked_to_sign(person: str, pools: Iterable[str]) -> tuple[str, tuple[Any, ...]]:
    """SQL and its values for the tasks that wait for a person's opinion and are not in his pools."""
    plain = person.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    given: list[Any] = [f'%"{plain}":null%', person]
    mine = sorted(set(pools))
    if not mine:
        return _SIGNING, tuple(given)
    marks = ", ".join(["%s"] * len(mine))
    return f"{_SIGNING} AND NOT (state = 'open' AND pool IN ({marks}))", (*given, *mine)


def waiting_counts(
    person: str, pools: Iterable[str], now_us: int, *, most: int = 1000
) -> tuple[int, int]:
    """How many tasks ``person`` has taken, may take or is asked to sign, and how many are overdue.

    Counted no further than ``most``, so that a flooded pool costs no page its speed.
    """
    mine = sorted(set(pools))
    places = [(_CLAIMED, (person,)), *((_OPEN, (pool,)) for pool in mine)]
    parts: list[str] = []
    values: list[Any] = []
    for place, given in [*places, _asked_to_sign(person, mine)]:
        for index, late in enumerate(("", f" AND due_at <= {int(now_us)}")):
            parts.append(
                f"SELECT {index}, count(*) FROM (SELECT 1 FROM process_task"
                f" WHERE {place}{late} LIMIT %s) AS found"
            )
            values += [*given, most]
    counted = [0, 0]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for index, count in cursor.fetchall():
            counted[index] += int(count)
    return min(counted[0], most), min(counted[1], most)


def matters(person: str, pools: Iterable[str], *, limit: int = 50) -> tuple[MatterEntry, ...]:
    """The open matters of ``pools`` that ``person`` may close, what was due first on top.

    Those about what he did himself are left to others.
    """
    mine = sorted(set(pools))
    if not mine:
        return ()
    parts = [f"SELECT * FROM ({_MATTERS}) AS m{place}" for place in range(len(mine))]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(parts), [value for pool in mine for value in (pool, limit)]
        )
        found = [
            MatterEntry(*row[:-1]) for row in cursor.fetchall() if person not in json.loads(row[-1])
        ]
    found.sort(key=lambda entry: (entry.due_at or _NO_DEADLINE, entry.matter))
    return tuple(found[:limit])


def open_task_count() -> int:
    """Tasks that wait for a person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM process_task WHERE state IN ('open', 'claimed', 'held')"
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def case_counts() -> tuple[CaseCount, ...]:
    """Open and ended cases by procedure, in the standard's order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procedure, sum(CASE WHEN state = 'open' THEN 1 ELSE 0 END),"
            " sum(CASE WHEN state = 'ended' THEN 1 ELSE 0 END) FROM process_case GROUP BY procedure"
        )
        counted = {slug: (int(opened), int(ended)) for slug, opened, ended in cursor.fetchall()}
    titles = {item.id: item.data for item in catalogue().objects("procedure").values()}
    rows = []
    for slug, (opened, ended) in counted.items():
        data = titles.get(slug)
        title = Text.from_mapping(data["title"]) if data else Text(slug, slug)
        rows.append(CaseCount(slug, data["id"] if data else "", title, opened, ended))
    return tuple(sorted(rows, key=lambda row: row.number))


def open_cases_by_content() -> dict[tuple[str, int], int]:
    """(procedure, version of the standard) -> open cases, for planning a change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procedure, content, count(*) FROM process_case WHERE state = 'open'"
            " GROUP BY procedure, content"
        )
        return {(slug, content): int(count) for slug, content, count in cursor.fetchall()}


def open_cases_of(procedures: Set[str]) -> int:
    """How many cases of the procedures are open."""
    counted = open_cases_by_content()
    return sum(count for (slug, _), count in counted.items() if slug in procedures)


def open_cases_of_customer(customer: str) -> int:
    """How many cases of the customer are open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM process_case WHERE customer = %s AND state = 'open'", (customer,)
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def case_numbers(cases: Set[str]) -> dict[str, str]:
    """Id -> number of the cases."""
    if not cases:
        return {}
    places = ", ".join(["%s"] * len(cases))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, number FROM process_case WHERE id IN ({places})", sorted(cases))
        return dict(cursor.fetchall())


def case_row(case: str) -> Values | None:
    """The row of a case, for deciding who may know of it."""
    with connection.cursor() as cursor:
        cursor.execute(f"{CASES.select} WHERE id = %s", (case,))
        found = cursor.fetchone()
    return CASES.decode(found) if found else None


def case_rows(cases: Set[str]) -> dict[str, Values]:
    """Id -> row of the cases."""
    if not cases:
        return {}
    marks = ", ".join(["%s"] * len(cases))
    with connection.cursor() as cursor:
        cursor.execute(f"{CASES.select} WHERE id IN ({marks})", sorted(cases))
        found = [CASES.decode(row) for row in cursor.fetchall()]
    return {row["id"]: row for row in found}


def open_calls(case: str) -> list[Values]:
    """The open cases that a case waits for, with those that they wait for in turn."""
    found: list[Values] = []
    waiting = [case]
    while waiting:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{CASES.select} WHERE caller_case = %s AND state = 'open' ORDER BY id",
                (waiting.pop(),),
            )
            inner = [CASES.decode(row) for row in cursor.fetchall()]
        found += inner
        waiting += [item["id"] for item in inner]
    return found


def task_row(task: str) -> Values | None:
    """The row of a task."""
    with connection.cursor() as cursor:
        cursor.execute(f"{TASKS.select} WHERE id = %s", (task,))
        found = cursor.fetchone()
    return TASKS.decode(found) if found else None


def is_named_in(case: str, person: str) -> bool:
    """Whether a task of the case waits for this very person: handed to him, or he is to sign."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT claimed_by, owner, signers FROM process_task"
            " WHERE case_id = %s AND state IN ('open', 'claimed')",
            (case,),
        )
        return any(
            person in (claimed, owner) or (signers and person in json.loads(signers))
            for claimed, owner, signers in cursor.fetchall()
        )


def case_so_far(case: str) -> tuple[str, dict[str, Any]]:
    """The procedure of a case and its open variables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT procedure, engine FROM process_case WHERE id = %s", (case,))
        found = cursor.fetchone()
    assert found is not None, f"there is no case {case}"
    return found[0], dict(json.loads(found[1])["vars"])


@dataclass(frozen=True, slots=True)
class CaseFit:
    """Whether one running case would fit another version of the standard.

    Attributes:
        content: version it runs by.
        to: version asked about.
        misfits: everything that does not fit; empty where it fits as it is.
    """

    case: str
    number: str
    procedure: str
    content: int
    to: int
    misfits: tuple[Misfit, ...]

    @property
    def may_move(self) -> bool:
        """Whether nothing stands in the way; what else differs is for somebody to look at."""
        return not any(misfit.stops for misfit in self.misfits)


def migration_dry_run(
    *, case: str | None = None, procedure: str | None = None, to: int | None = None
) -> tuple[CaseFit, ...]:
    """How every running case, of one ``procedure`` or one ``case`` alone, fits the version ``to``.

    ``to`` is the version in force where it is not named. Nothing is changed; cases that run by
    ``to`` already are left out.

    Raises:
        Refusal: ``packs.no_such_version``.
    """
    wanted = catalogue(to).version
    sql = f"{CASES.select} WHERE state = 'open' AND content <> %s"
    values: list[Any] = [wanted]
    for column, value in (("id", case), ("procedure", procedure)):
        if value is not None:
            sql += f" AND {column} = %s"
            values.append(value)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY id", values)
        rows = [CASES.decode(row) for row in cursor.fetchall()]
    return tuple(_fit(row, wanted) for row in rows)


def _fit(row: Values, to: int) -> CaseFit:
    slug = row["procedure"]
    if catalogue(to).get("procedure", slug) is None:
        found: tuple[Misfit, ...] = (procedure_gone(slug),)
    else:
        old, new = deployment(row["content"], slug), deployment(to, slug)
        found = misfits(old, new, _so_far(row))
    return CaseFit(row["id"], row["number"], slug, row["content"], to, found)


def _so_far(row: Values) -> CaseSoFar:
    actors: dict[str, set[str]] = {}
    done: set[str] = set()
    met: set[str] = set()
    for event in stream_rows(f"case:{row['id']}"):
        for recorded in event.recorded():
            data = recorded.data
            if recorded.kind == "process.advanced":
                done.update(data.get("done", ()))
            elif recorded.kind == "process.control_executed" and data["result"] == "met":
                met.add(data["control"])
            elif recorded.kind in _ACTING:
                actors.setdefault(data["element"], set()).update(data.get("by", ()))
                if data.get("how") == "completed":
                    done.add(data["element"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT element, claimed_by FROM process_task WHERE case_id = %s AND state = 'claimed'",
            (row["id"],),
        )
        for element, person in cursor.fetchall():
            actors.setdefault(element, set()).add(person)
        cursor.execute(
            "SELECT clock FROM clocks_clock WHERE case_id = %s AND state <> 'stopped'",
            (row["id"],),
        )
        clocks = {str(clock) for (clock,) in cursor.fetchall()}
    return CaseSoFar(row["engine"], actors, done, met, clocks)


def awaited_since(case: str, message: str) -> int | None:
    """Since when, in microseconds, a case waits for a message; None: it does not."""
    rows = read_committed(
        "SELECT min(opened_at) FROM process_wait WHERE case_id = %s AND name = %s", (case, message)
    )
    return next((row[0] for row in rows), None)


def last_done_by(case: str, element: str) -> str | None:
    """Who completed a step of a case last; None: nobody has."""
    rows = read_committed(
        "SELECT done_by FROM process_task WHERE case_id = %s AND element = %s"
        " AND state = 'completed' ORDER BY closed_at DESC, id DESC LIMIT 1",
        (case, element),
    )
    return next((row[0] for row in rows), None)
