"""The hot SQL: what a step reads, in one round trip.

The heads of the directory and content streams ride along, so that a cached directory or standard is
known to be current without another query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.refusal import refuse
from touchstone.process.folds import CASES, TASKS, WAITS
from touchstone.vault.actions import SUBJECT_KEY

_HEADS = (
    "(SELECT max(position) FROM journal_event WHERE stream = 'directory'),"
    " (SELECT max(position) FROM journal_event WHERE stream = 'content')"
)
_CASE_HEAD = (
    " JOIN journal_event e ON e.stream = 'case:' || c.id AND e.position ="
    " (SELECT max(position) FROM journal_event WHERE stream = 'case:' || c.id)"
)


def _columns(names: Sequence[str], alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


_CASE = _columns(tuple(CASES.columns), "c")
_TASK_SQL = (
    f"SELECT {_columns(tuple(TASKS.columns), 't')}, k.wrapped_by, k.wrapped,"
    f" {_CASE}, e.position, e.hash, {_HEADS}"
    f" FROM process_task t JOIN process_case c ON c.id = t.case_id{_CASE_HEAD}"
    " LEFT JOIN vault_subject_key k ON"
    " k.subject = COALESCE(c.customer || '.' || c.id, 'case:' || c.id) WHERE t.id = %s"
)
_WAIT_SQL = (
    f"SELECT {_columns(tuple(WAITS.columns), 'w')}, {_CASE}, e.position, e.hash, {_HEADS}"
    f" FROM process_wait w JOIN process_case c ON c.id = w.case_id{_CASE_HEAD} WHERE w.id = %s"
)
_CASE_SQL = (
    f"SELECT {_CASE}, e.position, e.hash, {_HEADS} FROM process_case c{_CASE_HEAD} WHERE c.id = %s"
)
_TASKS, _CASES, _WAITS = len(TASKS.columns), len(CASES.columns), len(WAITS.columns)


def subject_of(case: str, customer: str | None) -> str:
    """The vault's subject for what is entered in a case."""
    return f"{customer}.{case}" if customer else f"case:{case}"


class Loaded(NamedTuple):
    """A case as the act found it, with the task or wait it is about.

    Attributes:
        directory, content: head positions of the two streams that caches depend on.
    """

    case: Values
    task: Values | None
    wait: Values | None
    directory: int
    content: int

    @property
    def stream(self) -> str:
        """The case's stream."""
        return f"case:{self.case['id']}"

    @property
    def subject(self) -> str:
        """Whose data key seals what is entered in the case."""
        return subject_of(self.case["id"], self.case["customer"])


def load_task(unit: UnitOfWork, task: str) -> Loaded:
    """A task with its case.

    Raises:
        Refusal: ``process.no_such_task``.
    """
    found = unit.read(_TASK_SQL, (task,))
    if not found:
        raise refuse("process.no_such_task", "没有这项任务", "There is no such task")
    row = found[0]
    task_row = TASKS.decode(row[:_TASKS])
    unit.know_row(TASKS.table, (task,), task_row)
    loaded = _loaded(unit, row[_TASKS + 2 :], task=task_row)
    wrapped_by, wrapped = row[_TASKS : _TASKS + 2]
    key = [(wrapped_by, wrapped)] if wrapped_by is not None else []
    unit.know_read(SUBJECT_KEY, (loaded.subject,), key)
    return loaded


def load_wait(unit: UnitOfWork, wait: str) -> Loaded | None:
    """A machine wait with its case; None when it is over."""
    found = unit.read(_WAIT_SQL, (wait,))
    if not found:
        return None
    row = found[0]
    wait_row = WAITS.decode(row[:_WAITS])
    unit.know_row(WAITS.table, (wait,), wait_row)
    return _loaded(unit, row[_WAITS:], wait=wait_row)


def load_case(unit: UnitOfWork, case: str) -> Loaded:
    """A case alone.

    Raises:
        Refusal: ``process.no_such_case``.
    """
    found = unit.read(_CASE_SQL, (case,))
    if not found:
        raise refuse("process.no_such_case", "没有这笔业务", "There is no such case")
    return _loaded(unit, found[0])


def open_tasks(unit: UnitOfWork, case: str) -> list[Values]:
    """The tasks of a case that still wait for somebody, in order of id; the case's head is read first."""
    unit.head(f"case:{case}")
    found = unit.read(
        f"{TASKS.select} WHERE case_id = %s AND state IN ('open', 'claimed', 'held') ORDER BY id",
        (case,),
    )
    rows = [TASKS.decode(row) for row in found]
    for row in rows:
        unit.know_row(TASKS.table, (row["id"],), row)
    return rows


def last_done_by(unit: UnitOfWork, case: str, element: str) -> str | None:
    """Who completed the step last; None where nobody did."""
    found = unit.read(
        "SELECT done_by FROM process_task WHERE case_id = %s AND element = %s AND"
        " state = 'completed' ORDER BY closed_at DESC, id DESC LIMIT 1",
        (case, element),
    )
    return found[0][0] if found else None


def _loaded(
    unit: UnitOfWork, row: Sequence[Any], task: Values | None = None, wait: Values | None = None
) -> Loaded:
    case = CASES.decode(row[:_CASES])
    position, hash, directory, content = row[_CASES:]
    identity = case["id"]
    unit.know_head(f"case:{identity}", position, hash)
    unit.know_row(CASES.table, (identity,), case)
    return Loaded(case, task, wait, directory or 0, content or 0)
