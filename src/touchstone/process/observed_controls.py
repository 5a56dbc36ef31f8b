"""Control points of an observed case: judged by what the log shows, recorded in flag mode. Pure.

What the log cannot show is not judged, rather than not met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from touchstone.journal.projections import Values
from touchstone.kernel.facts import Fact
from touchstone.kernel.time import from_microseconds
from touchstone.process.controls import Judgement, Situation, judge
from touchstone.process.deployment import Deployment
from touchstone.process.observation_mapping import ObservationMapping
from touchstone.process.observing import Observation
from touchstone.process.procedure import Control

_JUDGED = frozenset({"condition", "consent", "limit", "order", "four_eyes"})


def judge_observed(
    deployed: Deployment, mapping: ObservationMapping, row: Values, event: Observation
) -> Iterator[Fact]:
    """The executions of the control points that ``event`` meets; ``row`` is the case before it."""
    procedure, meaning = deployed.procedure, event.meaning
    done = frozenset(row["engine"]["done"])
    met = [(element, "complete", done) for element in meaning.completes]
    done |= set(meaning.completes)
    met += [(element, "enter", done) for element in meaning.enters]
    for element, when, before in met:
        controls = procedure.controls_at(element, when)
        for item in _judge(deployed, mapping, row, event, controls, before):
            yield _fact(item, element)


def _fact(item: Judgement, element: str) -> Fact:
    """The execution; ``unseen`` where the log does not show what the control point asks about."""
    fact = item.fact(element, None)
    if item.result == "not_judged" and item.detail:
        return fact._replace(data={**fact.data, "unseen": True})
    return fact


def _judge(
    deployed: Deployment,
    mapping: ObservationMapping,
    row: Values,
    event: Observation,
    controls: Iterable[Control],
    done: frozenset[str],
) -> Iterator[Judgement]:
    forms = {name: form for form in deployed.forms.values() for name in form.open_fields}
    known = {**row["engine"]["vars"], **event.values}
    seen = {
        name: forms[name].as_feel({name: value})[name] if name in forms else value
        for name, value in known.items()
    }
    submitted = {name: seen[name] for name in event.values}
    names = {**seen, "values": submitted, "actor": {"id": event.by}}
    for control in controls:
        if control.kind not in _JUDGED:
            continue
        flagged = replace(control, mode="flag")
        missing = _missing(deployed, mapping, row, control, event, seen)
        if missing:
            yield Judgement(flagged, "not_judged", ", ".join(missing))
            continue
        conditions: dict[str, Any] = {}
        if control.id in deployed.conditions:
            asked = deployed.conditions[control.id]
            conditions[control.id] = asked.evaluate(names, now=from_microseconds(event.at)).value
        by = frozenset([event.by] if event.by else ())
        situation = Situation(done, frozenset(), row["actors"], by, conditions)
        yield from judge([flagged], situation)


def _missing(
    deployed: Deployment,
    mapping: ObservationMapping,
    row: Values,
    control: Control,
    event: Observation,
    seen: dict[str, Any],
) -> list[str]:
    """What the log does not say of what ``control`` asks about."""
    missing = [step for step in (*control.after, *control.distinct_from) if not mapping.knows(step)]
    if control.kind == "four_eyes" and not event.by:
        missing.append("actor")
    acted = {step for steps in row["actors"].values() for step in steps}
    missing += [
        f"actor of {step}"
        for step in control.distinct_from
        if step in row["engine"]["done"] and step not in acted
    ]
    condition = deployed.conditions.get(control.id)
    if condition is not None:
        missing += sorted(
            name for name in condition.names - {"values", "actor"} if name not in seen
        )
        missing += sorted(
            f"values.{field}"
            for name, field in condition.paths
            if name == "values" and field not in event.values
        )
    return missing
