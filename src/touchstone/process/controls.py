"""Control points: judged where a running case meets them, each execution a fact. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.process.procedure import Control

Result = Literal["met", "not_met", "not_judged"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One execution of a control point.

    ``not_judged`` (null or error in the condition) is not met.
    """

    control: Control
    result: Result
    detail: str | None = None

    @property
    def met(self) -> bool:
        """Whether the control holds."""
        return self.result == "met"

    def fact(self, element: str, task: str | None) -> Fact:
        """The execution as journaled."""
        data: dict[str, Any] = {
            "control": self.control.id,
            "element": element,
            "result": self.result,
            "mode": self.control.mode,
            "clause": self.control.clause,
        }
        if task:
            data["task"] = task
        if self.detail:
            data["detail"] = self.detail
        return Fact("process.control_executed", data, (ObjectRef("clause", self.control.clause),))

    def refusal(self) -> Refusal:
        """The answer to an act that this control blocks."""
        control = self.control
        code = {
            "order": "process.not_yet_reviewed",
            "evidence": "process.evidence_missing",
            "four_eyes": "process.same_person",
            "limit": "process.over_limit",
            "consent": "process.consent_missing",
        }.get(control.kind, "process.control_not_met")
        detail = f":{self.detail}" if self.detail else ""
        english = f": {self.detail}" if self.detail else ""
        return refuse(
            code,
            f"未通过关键控制点「{control.title.zh}」{detail}",
            f"Control point “{control.title.en}” is not met{english}",
            clause=control.clause,
            remedy_zh="请补正后重新提交",
            remedy_en="Put it right and submit again",
        )


@dataclass(frozen=True, slots=True)
class Situation:
    """What controls may look at.

    Attributes:
        completed: elements completed so far in this case and not superseded.
        evidence: ids of the documents at hand, with this act's.
        actors: person -> the elements he acted on.
        persons: who acts now, and whom he stands in for.
        conditions: control id -> value of its FEEL condition (None: null or error).
    """

    completed: frozenset[str]
    evidence: frozenset[str]
    actors: Mapping[str, Sequence[str]]
    persons: frozenset[str]
    conditions: Mapping[str, Any]


def judge(controls: Iterable[Control], situation: Situation) -> tuple[Judgement, ...]:
    """The result of each control in its order."""
    return tuple(_judge(control, situation) for control in controls)


def _judge(control: Control, situation: Situation) -> Judgement:
    missing: Sequence[str] = ()
    if control.kind == "evidence":
        missing = [name for name in control.evidence if name not in situation.evidence]
    elif control.kind == "order":
        missing = [name for name in control.after if name not in situation.completed]
    elif control.kind == "four_eyes":
        missing = [
            name
            for name in control.distinct_from
            if any(name in situation.actors.get(person, ()) for person in situation.persons)
        ]
    if missing:
        return Judgement(control, "not_met", ", ".join(missing))
    if control.condition is None:
        return Judgement(control, "met")
    value = situation.conditions.get(control.id)
    if value is None:
        return Judgement(control, "not_judged")
    return Judgement(control, "met" if value is True else "not_met")
