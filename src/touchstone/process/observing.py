"""What a foreign system's events mean for a procedure, judged before anything is written.

Pure: events and content in, observations or a refusal out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import from_microseconds
from touchstone.process.deployment import Deployment
from touchstone.process.forms import Form
from touchstone.process.observation_mapping import ForeignEvent, Meaning, ObservationMapping
from touchstone.process.observed_values import value_of


@dataclass(frozen=True, slots=True)
class Observation:
    """One event of a case as the procedure knows it.

    Attributes:
        key: tells it from every other event of its case, however often the log is read.
        by: who did it; None where the log does not say.
    """

    key: str
    at: int
    meaning: Meaning
    values: Mapping[str, Any]
    by: str | None


@dataclass(frozen=True, slots=True)
class ObservedCase:
    """A foreign case at ``unit``, its events by time."""

    id: str
    unit: str
    events: tuple[Observation, ...]


def check_mapping(
    mapping: ObservationMapping,
    deployed: Deployment,
    columns: Collection[str],
    units: Collection[str],
    persons: Collection[str],
) -> None:
    """Refuse a mapping that does not fit the procedure, the log or the institution.

    Raises:
        Refusal: ``observing.unknown_step``, ``.unknown_end``, ``.unknown_value``, ``.sealed_value``,
            ``.unknown_column``, ``.unknown_unit``, ``.unknown_person``.
    """
    nodes = deployed.program.nodes
    given = [mapping.unit]
    for name, meaning in mapping.activities.items():
        for element in meaning.elements:
            if element not in deployed.procedure.steps or element not in nodes:
                raise _unknown("step", "环节", element, name, sorted(deployed.procedure.steps))
        if meaning.ends and (meaning.ends not in nodes or nodes[meaning.ends].kind != "end"):
            ends = sorted(node.id for node in nodes.values() if node.kind == "end")
            raise _unknown("end", "结束", meaning.ends, name, ends)
        for value, origin in meaning.values.items():
            _check_value(value, name, deployed)
            given.append(origin)
    for origin in given:
        if origin.column is not None and origin.column not in columns:
            raise _unknown("column", "列", origin.column, "mapping", sorted(columns))
    for unit in (*mapping.unit.words.values(), mapping.unit.constant):
        if unit is not None and unit not in units:
            raise _unknown("unit", "机构", str(unit), "unit", sorted(units))
    for name, person in mapping.persons.items():
        if person not in persons:
            raise _unknown("person", "人员", person, name, ())


def _check_value(value: str, activity: str, deployed: Deployment) -> None:
    known = {name for form in deployed.forms.values() for name in form.open_fields}
    known |= set(deployed.procedure.variables)
    if value in known:
        return
    if any(value in form.properties for form in deployed.forms.values()):
        raise refuse(
            "observing.sealed_value",
            f"{activity}：字段 {value} 为密封内容，不从外部日志取值",
            f"{activity}: the field {value} is sealed and is not taken from a log",
            remedy_zh="从映射中删去该字段",
            remedy_en="Take the field out of the mapping",
        )
    raise _unknown("value", "字段或变量", value, activity, sorted(known))


def _unknown(kind: str, zh: str, name: str, where: str, known: Sequence[str]) -> Refusal:
    listed = ", ".join(known[:40])
    return refuse(
        f"observing.unknown_{kind}",
        f"{where}：没有{zh} {name}",
        f"{where}: there is no {kind} {name}",
        remedy_zh=f"更正映射；已有：{listed}" if listed else "更正映射",
        remedy_en=f"Correct the mapping; known: {listed}" if listed else "Correct the mapping",
    )


def observed_cases(
    mapping: ObservationMapping,
    deployed: Deployment,
    events: Iterable[ForeignEvent],
    units: Collection[str],
) -> tuple[ObservedCase, ...]:
    """The cases of the log by id, every value read and judged.

    Raises:
        Refusal: ``observing.unmapped_activity``, ``.before_begin``, ``.after_end``, ``.unknown_unit``,
            ``.bad_value``.
    """
    by_case: dict[str, list[ForeignEvent]] = {}
    for event in events:
        if mapping.meaning_of(event):
            by_case.setdefault(event.case, []).append(event)
        elif not mapping.is_ignored(event):
            raise refuse(
                "observing.unmapped_activity",
                f"映射未说明活动“{event.activity}”",
                f"the mapping says nothing of the activity “{event.activity}”",
                remedy_zh="在 activities 中映射，或列入 ignore",
                remedy_en="Map it under activities, or list it under ignore",
            )
    forms = tuple(deployed.forms.values())
    return tuple(
        _case(case, sorted(found, key=lambda event: event.at), mapping, forms, units)
        for case, found in sorted(by_case.items())
    )


def _case(
    case: str,
    events: Sequence[ForeignEvent],
    mapping: ObservationMapping,
    forms: Sequence[Form],
    units: Collection[str],
) -> ObservedCase:
    first = events[0]
    if mapping.begins and mapping.begins not in (
        first.activity,
        f"{first.activity}+{first.lifecycle or ''}",
    ):
        raise refuse(
            "observing.before_begin",
            f"{case}：“{first.activity}”发生于业务开始（{mapping.begins}）之前",
            f"{case}: “{first.activity}” lies before the case's begin ({mapping.begins})",
            remedy_zh="补齐日志中的开始事件，或更正 begins",
            remedy_en="Export the log with its beginning events, or correct begins",
        )
    unit = mapping.unit.of(first.columns)
    if unit not in units:
        raise _unknown("unit", "机构", str(unit), case, sorted(units))
    seen: dict[tuple[str, int], int] = {}
    found: list[Observation] = []
    for event in events:
        meaning = mapping.meaning_of(event)
        assert meaning is not None, "only events with a meaning come here"
        name = f"{event.activity}+{event.lifecycle or ''}"
        turn = seen[name, event.at] = seen.get((name, event.at), 0) + 1
        if found and found[-1].meaning.ends:
            raise refuse(
                "observing.after_end",
                f"{case}：“{event.activity}”发生于业务结束之后",
                f"{case}: “{event.activity}” lies after the case's end",
                remedy_zh="把 ends 映射到最后的活动，或将其后的活动列入 ignore",
                remedy_en="Map ends to the last activity, or ignore what comes after it",
            )
        values = {
            name_of: value_of(name_of, origin.of(event.columns), forms, case, event.activity)
            for name_of, origin in meaning.values.items()
            if origin.is_there(event.columns)
        }
        by = None
        if event.actor:
            by = mapping.persons.get(event.actor, f"{mapping.source}:{event.actor}")
        at = from_microseconds(event.at).isoformat()
        found.append(Observation(f"{at}/{name}/{turn}", event.at, meaning, values, by))
    return ObservedCase(case, str(unit), tuple(found))
