"""What people fill in where no behaviour is written: the scenarios of the pack are their scripts.

A case follows one scenario of its procedure that comes to an end; where it goes another way than the
scenario does, a step is answered as some other scenario answers it. Days move along with the calendar.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from touchstone.kernel.time import INSTITUTION_ZONE
from touchstone.packs.catalogue import Catalogue

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
# Against one that comes seldom.
_OFTEN = 12
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a step is completed with: the fields of its form, and the documents handed in."""

    values: Mapping[str, Any]
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    """One scenario as people live it.

    Attributes:
        on: the wall time at which the scenario begins.
        post: who begins it.
        answers: element -> what it is completed with, time after time.
        messages: what comes from outside, by name.
        outcome: the end it comes to.
    """

    name: str
    on: dt.datetime
    post: str
    start: Mapping[str, Any]
    answers: Mapping[str, tuple[Answer, ...]]
    messages: Mapping[str, Mapping[str, Any]]
    outcome: str


def scripts_of(standard: Catalogue) -> dict[str, tuple[Script, ...]]:
    """Procedure -> its scenarios that end, in order of name."""
    found: dict[str, list[Script]] = {}
    for name, item in sorted(standard.objects("scenario").items()):
        slug = name.partition("/")[0]
        data = item.data
        if "ended" not in data["then"] or data["start"].get("refused"):
            continue
        procedure = standard.get("procedure", slug)
        steps = procedure.data["steps"] if procedure else {}
        found.setdefault(slug, []).append(_script(name, data, steps))
    return {slug: tuple(scripts) for slug, scripts in found.items()}


def _script(name: str, data: Mapping[str, Any], steps: Mapping[str, Any]) -> Script:
    answers: dict[str, list[Answer]] = {}
    messages: dict[str, Mapping[str, Any]] = {}
    for act in data.get("when") or ():
        if "message" in act:
            messages[act["message"]] = act.get("values") or {}
        elif act.get("step") in steps and "refused" not in act:
            answer = Answer(act.get("values") or {}, tuple(act.get("evidence") or ()))
            answers.setdefault(act["step"], []).append(answer)
    return Script(
        name,
        dt.datetime.fromisoformat(data["on"]).replace(tzinfo=INSTITUTION_ZONE),
        data["start"]["by"],
        data["start"]["values"],
        {element: tuple(given) for element, given in answers.items()},
        messages,
        data["then"]["ended"],
    )


class Scripts:
    """Which case follows which scenario, and how far it has come."""

    def __init__(self, standard: Catalogue) -> None:
        self._all = scripts_of(standard)
        self._of: dict[str, Script] = {}
        self._done: dict[tuple[str, str], int] = {}

    def pick(self, procedure: str, random: Random, seldom: Collection[str] = ()) -> Script:
        """A scenario for a case that begins; those that end in a ``seldom`` outcome come seldom."""
        scripts = self._all[procedure]
        weights = [1 if script.outcome in seldom else _OFTEN for script in scripts]
        return random.choices(scripts, weights)[0]

    def follow(self, case: str, script: Script) -> None:
        """Let ``case`` follow a scenario."""
        self._of[case] = script

    def start(self, script: Script, now: dt.datetime) -> Values:
        """What a case is begun with, its days moved to ``now``."""
        return _moved(script.start, script.on, now)

    def answer(self, procedure: str, case: str, element: str, now: dt.datetime) -> Answer:
        """What a step is completed with this time."""
        own = self._followed(procedure, case)
        number = self._done.get((case, element), 0)
        self._done[case, element] = number + 1
        script, given = own, own.answers.get(element, ())
        if number >= len(given) + (len(given) > 0):
            script, given = self._other(procedure, own, (case, element, str(number)))
        found = given[min(number, len(given) - 1)]
        return Answer(_moved(found.values, script.on, now), found.evidence)

    def message(
        self, procedure: str, case: str, name: str, now: dt.datetime
    ) -> Mapping[str, Any] | None:
        """What comes from outside under ``name``; None where the scenario knows of nothing."""
        if procedure not in self._all:
            return None
        script = self._followed(procedure, case)
        values = script.messages.get(name)
        return None if values is None else _moved(values, script.on, now)

    def _followed(self, procedure: str, case: str) -> Script:
        """The scenario of a case; one that another procedure began draws its own."""
        if case not in self._of:
            self._of[case] = _drawn(case).choice(self._all[procedure])
        return self._of[case]

    def _other(
        self, procedure: str, own: Script, at: tuple[str, str, str]
    ) -> tuple[Script, tuple[Answer, ...]]:
        """The last answer that another scenario gives at a step: the one after which it goes on.

        First one that begins as the case began; when that did not do, any.
        """
        element = at[1]
        knowing = [script for script in self._all[procedure] if element in script.answers]
        assert knowing, f"no scenario of {procedure} completes {element} and ends"
        if at[2] in "01":
            likest = max(_alike(script, own) for script in knowing)
            knowing = [script for script in knowing if _alike(script, own) == likest]
        script = _drawn(*at).choice(knowing)
        return script, script.answers[element][-1:]


def _alike(one: Script, other: Script) -> int:
    """How many fields both begin with alike."""
    return sum(other.start.get(name) == value for name, value in one.start.items())


def _drawn(*parts: str) -> Random:
    return Random("/".join(parts))  # noqa: S311 - repeatability is the point


def _moved(values: Mapping[str, Any], on: dt.datetime, now: dt.datetime) -> Values:
    return {name: _value(value, on, now) for name, value in values.items()}


def _value(value: Any, on: dt.datetime, now: dt.datetime) -> Any:
    if isinstance(value, str):
        if _DAY.match(value):
            days = now.astimezone(INSTITUTION_ZONE).date() - on.date()
            return (dt.date.fromisoformat(value) + days).isoformat()
        if _INSTANT.match(value):
            moved = dt.datetime.fromisoformat(value) + (now - on)
            return moved.astimezone(INSTITUTION_ZONE).isoformat(timespec="seconds")
        return value
    if isinstance(value, Mapping):
        return _moved(value, on, now)
    if isinstance(value, Sequence):
        return [_value(item, on, now) for item in value]
    return value


def unanswered(standard: Catalogue, behaviour: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """Steps that nobody could complete, as ``procedure/element``: no behaviour, no scenario that ends."""
    known = scripts_of(standard)
    for slug, item in sorted(standard.objects("procedure").items()):
        written = set(behaviour.get(slug, {}))
        told = {element for script in known.get(slug, ()) for element in script.answers}
        for element, step in item.data["steps"].items():
            if step.get("post") and element not in written | told:
                yield f"{slug}/{element}"
