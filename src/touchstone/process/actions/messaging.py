"""What one case throws and others catch: messages by their key, signals to everybody who waits."""

from __future__ import annotations

from contextlib import suppress

from django.db import connection

from touchstone.identity.queries import directory
from touchstone.journal.followers import follows
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef, Recorded
from touchstone.process.deployment import deployment
from touchstone.process.engine import Env, Outcome
from touchstone.process.engine import steps as engine
from touchstone.process.folds import case_of
from touchstone.process.recording import Setting, record_outcome
from touchstone.process.store import Loaded, load_case, load_wait


@follows("process.thrown", name="process.deliver_thrown")
def deliver_thrown(context: ActContext, recorded: Recorded) -> None:
    """Bring what a case threw to the cases that wait for it."""
    if recorded.data["kind"] == "message" and "key" in recorded.data:
        _deliver_message(context, recorded)
    elif recorded.data["kind"] == "signal":
        _broadcast(context, recorded)


def _deliver_message(context: ActContext, recorded: Recorded) -> None:
    """To the case that has waited longest for the message under its key; else it is unclaimed."""
    name, key = recorded.data["name"], recorded.data["key"]
    sender = case_of(recorded)

    def work(unit: UnitOfWork) -> None:
        found = unit.read(
            "SELECT id FROM process_wait WHERE name = %s AND correlation = %s AND case_id <> %s"
            " AND kind IN ('message', 'receive') ORDER BY opened_at, id LIMIT 9",
            (name, key, sender),
        )
        waiting = (load_wait(unit, wait) for (wait,) in found)
        loaded = next((item for item in waiting if item is not None), None)
        if loaded is None:
            data = {"name": name, "key": key}
            unit.record(recorded.stream, Fact("process.message_unclaimed", data))
            return
        deployed = deployment(loaded.case["content"], loaded.case["procedure"])
        outcome = engine.deliver(
            deployed.program,
            loaded.case["engine"],
            name,
            recorded.data.get("values", {}),
            env=Env(unit.now),
        )
        _go_on(unit, loaded, outcome, "process.message_received", name, sender)

    perform("process.deliver_thrown", context, work)


def _broadcast(context: ActContext, recorded: Recorded) -> None:
    """To every other case that waits for the signal now, each by an act of its own."""
    name, sender = recorded.data["name"], case_of(recorded)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT case_id FROM process_wait WHERE name = %s AND kind = 'signal'"
            " AND case_id <> %s ORDER BY case_id",
            (name, sender),
        )
        waiting = [str(row[0]) for row in cursor.fetchall()]
    for case in waiting:
        with suppress(AlreadyDone):
            _signal(context.with_key(f"{context.key}:{case}"), case, name, sender)


def _signal(context: ActContext, case: str, name: str, sender: str) -> None:
    def work(unit: UnitOfWork) -> None:
        loaded = load_case(unit, case)
        deployed = deployment(loaded.case["content"], loaded.case["procedure"])
        outcome = engine.broadcast(
            deployed.program, loaded.case["engine"], name, {}, env=Env(unit.now)
        )
        if outcome.facts:
            _go_on(unit, loaded, outcome, "process.signal_received", name, sender)

    perform("process.deliver_thrown", context, work)


def _go_on(
    unit: UnitOfWork, loaded: Loaded, outcome: Outcome, kind: str, name: str, sender: str
) -> None:
    data = {"name": name, "from": sender}
    unit.record(loaded.stream, Fact(kind, data, (ObjectRef("case", sender, "sender"),)))
    deployed = deployment(loaded.case["content"], loaded.case["procedure"])
    setting = Setting(deployed, directory(loaded.directory))
    record_outcome(unit, setting, loaded.case["id"], outcome)
