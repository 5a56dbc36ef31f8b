"""What is not done by people: service jobs, timers, called cases, messages, incidents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from touchstone.decisions.limits.actions import lapse
from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.followers import follows
from touchstone.journal.projections import Values
from touchstone.journal.session import read_committed
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, Recorded
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.process.actions.cases import Caller, start_case
from touchstone.process.actions.emergency import end_emergencies
from touchstone.process.deployment import deployment
from touchstone.process.engine import Env, Outcome
from touchstone.process.engine import steps as engine
from touchstone.process.ports import SERVICE_HANDLERS, HandlerFailed, Request
from touchstone.process.recording import (
    NOT_AWAITED,
    Blocked,
    Left,
    Setting,
    record_outcome,
    withdraw,
)
from touchstone.process.store import Loaded, load_case, load_wait

MAX_ATTEMPTS = 5
_FIRST_RETRY = dt.timedelta(minutes=1)


def due_waits(now: dt.datetime, limit: int = 100) -> list[tuple[str, str]]:
    """Ids and kinds of the waits that a worker must serve by ``now``, the earliest first."""
    sql = "SELECT id, kind FROM process_wait WHERE next_at <= %s ORDER BY next_at, id LIMIT %s"
    return [(wait, kind) for wait, kind in read_committed(sql, (to_microseconds(now), limit))]


def next_due() -> int | None:
    """The earliest instant, in microseconds, at which some wait must be served."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT min(next_at) FROM process_wait WHERE next_at IS NOT NULL")
        found = cursor.fetchone()
    return found[0] if found else None


def run_due(context: ActContext, *, limit: int = 100) -> int:
    """Serve everything due; how many waits, emergencies and reservations that lapsed.

    One that fails does not stop the others.
    """
    served = end_emergencies(context, limit=limit) + lapse(context, limit=limit)
    for wait, kind in due_waits(context.clock.now(), limit):
        try:
            if kind == "service":
                _serve(context, wait)
            elif kind == "timer":
                _fire(context, wait)
            elif kind == "call":
                _call(context, wait)
            served += 1
        except AlreadyDone:
            served += 1
        except Refusal as refusal:
            _failed(context, wait, refusal.text.en)
        except Blocked as blocked:
            _failed(context, wait, blocked.refusal.text.en)
    return served


def _resume(unit: UnitOfWork, loaded: Loaded, outcome: Outcome, left: Left | None = None) -> None:
    deployed = deployment(loaded.case["content"], loaded.case["procedure"])
    setting = Setting(deployed, directory(loaded.directory))
    record_outcome(unit, setting, loaded.case["id"], outcome, left=left)


def _serve(context: ActContext, wait: str) -> None:
    """Run the handler of a service step after commit, then complete the step by an act."""
    request = _request(context, wait)
    if request is None:
        return
    try:
        handler = SERVICE_HANDLERS.get(request.handler)
        values = handler(context.with_key(f"{request.key}:handler"), request)
    except HandlerFailed as failure:
        _failed(context, wait, str(failure))
        return
    except (AlreadyDone, Refusal):
        raise
    except Exception as fault:  # noqa: BLE001 - a faulty handler fails its own step, not the worker
        _failed(context, wait, f"{type(fault).__name__}: {fault}")
        return

    def work(unit: UnitOfWork) -> None:
        loaded = load_wait(unit, wait)
        if loaded is None or loaded.wait is None:
            return
        deployed = deployment(loaded.case["content"], loaded.case["procedure"])
        outcome = engine.complete(
            deployed.program, loaded.case["engine"], loaded.wait["wait"], values, env=Env(unit.now)
        )
        _resume(unit, loaded, outcome, Left(loaded.wait["wait"], (), values))

    perform("process.serve_step", context.with_key(request.key), work)


def _request(context: ActContext, wait: str) -> Request | None:
    holder: list[Request] = []

    def look(unit: UnitOfWork) -> None:
        loaded = load_wait(unit, wait)
        if loaded is None or loaded.wait is None:
            return
        row, case = loaded.wait, loaded.case
        deployed = deployment(case["content"], case["procedure"])
        step = deployed.procedure.steps.get(row["element"])
        holder.append(
            Request(
                handler=row["detail"].get("handler")
                or (step.service_handler if step else "")
                or "",
                case=case["id"],
                procedure=case["procedure"],
                element=row["element"],
                unit=case["unit"],
                customer=case["customer"],
                variables=case["engine"]["vars"],
                key=f"serve:{wait}",
            )
        )

    perform("process.look", context.with_key(None), look)
    return holder[0] if holder else None


def _failed(context: ActContext, wait: str, text: str) -> None:
    """Note a failed attempt: tried again later and later, at last an incident."""

    def work(unit: UnitOfWork) -> None:
        loaded = load_wait(unit, wait)
        if loaded is None or loaded.wait is None:
            return
        row = loaded.wait
        attempt = row["attempts"] + 1
        data: dict[str, Any] = {
            "wait": row["wait"],
            "element": row["element"],
            "kind": row["kind"],
            "attempt": attempt,
            "text": text[:500],
        }
        if attempt < MAX_ATTEMPTS:
            data["retry_at"] = to_microseconds(unit.now + _FIRST_RETRY * 2 ** (attempt - 1))
        unit.record(loaded.stream, Fact("process.job_failed", data))
        if attempt >= MAX_ATTEMPTS:
            unit.record(
                loaded.stream,
                Fact(
                    "process.incident_raised",
                    {"element": row["element"], "code": "process.job_failed", "text": text[:500]},
                ),
            )

    perform("process.note_failure", context.with_key(None), work)


def _fire(context: ActContext, wait: str) -> None:
    def work(unit: UnitOfWork) -> None:
        loaded = load_wait(unit, wait)
        if loaded is None or loaded.wait is None:
            return
        deployed = deployment(loaded.case["content"], loaded.case["procedure"])
        outcome = engine.fire(
            deployed.program, loaded.case["engine"], loaded.wait["wait"], env=Env(unit.now)
        )
        _resume(unit, loaded, outcome)

    perform("process.fire_timer", context.with_key(f"fire:{wait}"), work)


def _call(context: ActContext, wait: str) -> None:
    """Begin the called case; its end completes the wait."""
    found: list[tuple[str, dict[str, Any], Loaded]] = []

    def look(unit: UnitOfWork) -> None:
        loaded = load_wait(unit, wait)
        if loaded and loaded.wait:
            found.append((loaded.wait["wait"], loaded.wait["detail"], loaded))

    perform("process.look", context.with_key(None), look)
    if not found:
        return
    name, detail, loaded = found[0]
    called = start_case(
        context.with_key(f"call:{wait}"),
        detail["called"],
        unit=loaded.case["unit"],
        values={**loaded.case["engine"]["vars"], **detail.get("handed", {})},
        customer=loaded.case["customer"],
        caller=Caller(loaded.case["id"], name),
    )

    def note(unit: UnitOfWork) -> None:
        again = load_wait(unit, wait)
        if again and again.wait:
            data = {"wait": name, "element": again.wait["element"], "kind": "call"}
            unit.record(again.stream, Fact("process.case_called", data))
            return
        # The step was left while its case began: nobody waits for what it would find out.
        begun = load_case(unit, called)
        if begun.case["state"] == "open":
            withdraw(unit, directory(begun.directory), begun, NOT_AWAITED)

    perform("process.call_case", context.with_key(f"called:{wait}"), note)


@follows("process.case_ended", name="process.return_to_caller")
def return_to_caller(context: ActContext, recorded: Recorded) -> None:
    """When a called case ends, its caller goes on with what it found out."""
    case = recorded.stream.removeprefix("case:")

    def work(unit: UnitOfWork) -> None:
        called = load_case(unit, case).case
        if called["caller_case"] is None:
            return
        loaded = load_wait(unit, f"{called['caller_case']}.{called['caller_wait']}")
        if loaded is None or loaded.wait is None:
            return
        deployed = deployment(loaded.case["content"], loaded.case["procedure"])
        values = {**called["engine"]["vars"], "called_outcome": called["outcome"]}
        state, wait, env = loaded.case["engine"], loaded.wait["wait"], Env(unit.now)
        if recorded.data["how"] == "error":
            code = recorded.data.get("code", "")
            outcome = engine.fail(deployed.program, state, wait, code, values, env=env)
        else:
            outcome = engine.complete(deployed.program, state, wait, values, env=env)
        _resume(unit, loaded, outcome)

    perform("process.return_to_caller", context, work)


def retry_incident(context: ActContext, case: str, wait: str) -> None:
    """Try again what an incident stopped, after its cause was put right.

    A token that could not go on goes on; a job that failed too often is served anew.

    Raises:
        Refusal: ``process.no_incident``, ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> None:
        loaded = load_wait(unit, f"{case}.{wait}")
        current = directory()
        require(current, context.actor, "process.retry_incident", day_of(unit.now))
        row = loaded.wait if loaded else None
        if loaded is None or row is None or not _stands_still(row):
            raise refuse("process.no_incident", "没有待处理的异常", "There is no such incident")
        if row["kind"] != "incident":
            data = {"wait": wait, "element": row["element"], "kind": row["kind"]}
            unit.record(
                loaded.stream,
                Fact("process.job_retried", {**data, "next_at": unit.now_us, "by": context.actor}),
            )
            return
        deployed = deployment(loaded.case["content"], loaded.case["procedure"])
        outcome = engine.retry(deployed.program, loaded.case["engine"], wait, env=Env(unit.now))
        _resume(unit, loaded, outcome)

    perform("process.retry_incident", context, work)


def _stands_still(wait: Values) -> bool:
    """Whether nothing serves the wait any more until somebody puts its cause right."""
    return bool(wait["kind"] == "incident" or wait["attempts"] >= MAX_ATTEMPTS)
