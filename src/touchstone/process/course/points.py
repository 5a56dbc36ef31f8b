"""The control points of a case: what they said so far, and which are still to come. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from touchstone.kernel.facts import Recorded
from touchstone.kernel.text import Text
from touchstone.process.course.names import Names
from touchstone.process.picture.overlay import State
from touchstone.process.procedure import Control, Procedure

PointState = Literal[
    "passed", "refused", "held", "released", "flagged", "emergency", "coming", "not_met_with"
]


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution; ``superseded`` where a later sending back took the step back."""

    result: str
    actor: str
    at: int
    position: int
    detail: str | None
    superseded: bool


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """A control point of the procedure in one case.

    Attributes:
        state: ``passed``; ``refused`` (the act was); ``held``; ``released`` by the post named;
            ``flagged``; ``emergency`` (released by break-glass); ``coming``; ``not_met_with``, on a
            way not taken.
        refusals: how often it refused so far.
    """

    control: Control
    title: Text
    step: Text
    clause: str
    state: PointState
    executions: tuple[Execution, ...]

    @property
    def refusals(self) -> int:
        """How often it stood against an act."""
        return sum(item.result != "met" for item in self.executions)


def control_points(
    procedure: Procedure,
    facts: Iterable[Recorded],
    states: Mapping[str, State],
    superseded_after: Mapping[str, int],
    names: Names,
) -> tuple[ControlPoint, ...]:
    """Every control point of the procedure, in its order."""
    gathered = _Gathered(superseded_after)
    for recorded in facts:
        gathered.take(recorded)
    return tuple(
        ControlPoint(
            control=control,
            title=control.title,
            step=names.step(control.step),
            clause=control.clause,
            state=gathered.state(control, states.get(control.step)),
            executions=tuple(gathered.executions.get(control.id, ())),
        )
        for control in procedure.controls
    )


class _Gathered:
    def __init__(self, superseded_after: Mapping[str, int]) -> None:
        self.executions: dict[str, list[Execution]] = {}
        self._after = superseded_after
        self._last: dict[str, tuple[str, int]] = {}

    def take(self, recorded: Recorded) -> None:
        """Note what a fact says of a control point."""
        data = recorded.data
        if recorded.kind == "process.control_executed":
            if data.get("unseen"):
                return  # it neither passed nor stood against anything
            self._executed(recorded, data)
        elif recorded.kind in _LATER:
            self._last[data["control"]] = (_LATER[recorded.kind], recorded.position)

    def _executed(self, recorded: Recorded, data: Mapping[str, Any]) -> None:
        position = recorded.position
        # The fact of sending back lies at the position named; what came before it no longer counts.
        superseded = position < self._after.get(data["element"], 0)
        self.executions.setdefault(data["control"], []).append(
            Execution(
                data["result"],
                recorded.actor,
                recorded.occurred_at,
                position,
                data.get("detail"),
                superseded,
            )
        )
        if not superseded:
            said = "passed" if data["result"] == "met" else _NOT_MET[data["mode"]]
            self._last[data["control"]] = (said, position)

    def state(self, control: Control, of_step: State | None) -> PointState:
        """What the control point comes to."""
        last = self._last.get(control.id)
        if last is not None and last[1] >= self._after.get(control.step, 0):
            return last[0]  # type: ignore[return-value]  # one of the words below
        return "coming" if of_step in ("here", "waiting", "coming") else "not_met_with"


_NOT_MET = {"block": "refused", "hold": "held", "flag": "flagged"}
_LATER = {
    "process.hold_released": "released",
    "process.hold_rejected": "refused",
    "process.control_released": "emergency",
}
