"""A standard letter of a case: due when its step is completed, and told when it reached its reader.

The text, the channel and the sending are the business of a higher module; a clock that runs until
the customer was told stops here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.process.clocking import clock_facts
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.store import load_case


def letters_due(
    unit: UnitOfWork,
    deployed: Deployment,
    variables: Mapping[str, Any],
    left: Iterable[tuple[str, Mapping[str, Any]]],
    turns: Collection[str] = (),
) -> Iterator[Fact]:
    """The letters of the steps that were completed; ``told`` where the step told the reader itself.

    ``turns`` are steps done several times over that are not done yet.
    """

    def holds(condition: str) -> bool:
        found = deployed.letter_conditions[condition].evaluate(variables, now=unit.happened_at)
        return found.value is True

    for kind, data in left:
        if kind != "process.step_left" or data["how"] != "completed":
            continue
        step = deployed.procedure.steps.get(data["element"])
        if step is None or step.letter is None or step.element in turns:
            continue
        said: dict[str, Any] = {
            "element": step.element,
            "wait": data["wait"],
            "letter": step.letter.id,
        }
        if step.letter.when and not holds(step.letter.when):
            continue
        if step.letter.told_when and holds(step.letter.told_when):
            said["told"] = True
        yield Fact("process.letter_due", said)


def letter_delivered(
    unit: UnitOfWork, case: str, element: str, *, wait: str, letter: str, message: str, at: int
) -> None:
    """Say within an act that the letter of a step reached its reader ``at``, in microseconds.

    The clocks that awaited it stop then.
    """
    loaded = load_case(unit, case)
    row = loaded.case
    deployed = deployment(row["content"], row["procedure"])
    said = {"element": element, "wait": wait, "letter": letter, "message": message}
    variables = row["engine"]["vars"]
    happened = [("delivered", element)]
    stopped = clock_facts(unit, deployed, row, variables, happened, happened_at=at).facts
    fact = Fact("process.letter_delivered", said, (ObjectRef("message", message),))
    unit.record(loaded.stream, fact, *stopped)
