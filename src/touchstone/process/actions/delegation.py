"""The way back of a delegated task (委派): the delegate resolves it, the owner completes it."""

from __future__ import annotations

from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.process.access import standing_for
from touchstone.process.actions.refusing import journaling_refusals
from touchstone.process.deployment import deployment
from touchstone.process.recording import Blocked
from touchstone.process.separation import check_separation
from touchstone.process.store import Loaded, load_task


def resolve_task(context: ActContext, task: str, note: str) -> None:
    """Give a delegated task back to its owner, saying what was done; the owner completes it.

    Whoever resolves a task has acted on its step for good: separation of duties counts him.

    Raises:
        Refusal: ``process.not_delegated``, ``process.reason_needed``, ``process.claimed_by_other``,
            ``process.same_person``.
    """

    def work(unit: UnitOfWork) -> None:
        loaded = _delegated(unit, task)
        row = loaded.task
        assert row is not None
        deployed = deployment(loaded.case["content"], loaded.case["procedure"])
        title = deployed.procedure.steps[row["element"]].title
        standing = standing_for(
            directory(loaded.directory), context.actor, row, title, day_of(unit.now)
        )
        refused = check_separation(
            deployed.procedure, row["element"], standing.persons, loaded.case["actors"]
        )
        if refused:
            raise Blocked(refused, ())
        watched = row["element"] in deployed.watched
        _give_back(unit, loaded, list(standing.persons), note, watched=watched)

    with journaling_refusals("process.resolve_task", context, task.partition(".")[0]):
        perform("process.resolve_task", context, work)


def recall_task(context: ActContext, task: str, reason: str) -> None:
    """Take a delegated task back from the delegate, who has not resolved it; by its owner.

    Raises:
        Refusal: ``process.not_delegated``, ``process.reason_needed``, ``process.not_yours``.
    """

    def work(unit: UnitOfWork) -> None:
        loaded = _delegated(unit, task)
        assert loaded.task is not None
        if loaded.task["owner"] != context.actor:
            raise refuse(
                "process.not_yours", "只能收回本人委派的任务", "Only its owner recalls a task"
            )
        _give_back(unit, loaded, [], reason)

    perform("process.recall_task", context, work)


def _delegated(unit: UnitOfWork, task: str) -> Loaded:
    loaded = load_task(unit, task)
    row = loaded.task
    assert row is not None
    if row["state"] != "claimed" or row["owner"] is None:
        raise refuse(
            "process.not_delegated", "该任务未被委派", "The task is not delegated to anybody"
        )
    return loaded


def _give_back(
    unit: UnitOfWork, loaded: Loaded, by: list[str], note: str, *, watched: bool = False
) -> None:
    row, text = loaded.task, note.strip()
    assert row is not None
    if len(text) < 2:
        raise refuse("process.reason_needed", "须填写办理说明", "Say what was done, or why")
    data = {
        "wait": row["wait"],
        "element": row["element"],
        "by": by,
        "from": row["claimed_by"],
        "to": row["owner"],
        "note": text[:500],
        "watched": watched,
    }
    deployed = deployment(loaded.case["content"], loaded.case["procedure"])
    data["watched"] = row["element"] in deployed.watched
    fact = Fact("process.task_resolved", data, (ObjectRef("task", row["id"]),))
    unit.record(loaded.stream, fact)
