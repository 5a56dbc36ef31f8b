"""How a foreign log is read as cases of a procedure: the mapping and what its keys mean. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from touchstone.kernel.refusal import Refusal, refuse
from touchstone.process.observed_values import Given, read_given

_KEYS = frozenset({"source", "begins", "unit", "persons", "activities", "ignore"})
_DOES = frozenset({"completes", "delivers", "enters", "ends", "values"})


@dataclass(frozen=True, slots=True)
class ForeignEvent:
    """One event as a foreign log has it.

    Attributes:
        case: the id of its case there.
        at: microseconds since the epoch.
        actor: who did it, as the foreign system calls him.
        columns: every column of event and case that has a value (``event:amount``, ``case:branch``).
    """

    case: str
    activity: str
    at: int
    lifecycle: str | None = None
    actor: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an activity does to a case: steps completed, letters delivered, steps entered, the end.

    Attributes:
        ends: id of the end event reached, or None.
        values: field of a form or variable -> where its value comes from.
    """

    completes: tuple[str, ...] = ()
    delivers: tuple[str, ...] = ()
    enters: tuple[str, ...] = ()
    ends: str | None = None
    values: Mapping[str, Given] = field(default_factory=dict)

    @property
    def elements(self) -> tuple[str, ...]:
        """Every step it names."""
        return (*self.completes, *self.delivers, *self.enters)


@dataclass(frozen=True, slots=True)
class ObservationMapping:
    """How a log is read as cases of a procedure.

    Attributes:
        source: the foreign system; with its case ids it tells cases apart, whatever the file is called.
        begins: the activity with which a case begins; None: with whatever comes first.
        unit: where the unit of a case is found, at its first event.
        persons: who an actor of the foreign system is here.
        activities: activity, or ``activity+lifecycle`` -> its meaning.
    """

    source: str
    begins: str | None
    unit: Given
    persons: Mapping[str, str]
    activities: Mapping[str, Meaning]
    ignore: frozenset[str]

    def meaning_of(self, event: ForeignEvent) -> Meaning | None:
        """What ``event`` means; None where the mapping says nothing of it."""
        if event.lifecycle:
            found = self.activities.get(f"{event.activity}+{event.lifecycle}")
            if found:
                return found
        return self.activities.get(event.activity)

    def is_ignored(self, event: ForeignEvent) -> bool:
        """Whether the mapping says that ``event`` is of no concern."""
        return not self.ignore.isdisjoint(
            (event.activity, f"{event.activity}+{event.lifecycle or ''}")
        )

    def knows(self, element: str) -> bool:
        """Whether the log can show that ``element`` was completed."""
        return any(element in meaning.completes for meaning in self.activities.values())


def read_observation_mapping(data: Any) -> ObservationMapping:
    """The mapping in the plain ``data`` of its YAML.

    Raises:
        Refusal: ``observing.bad_mapping``.
    """
    if not isinstance(data, Mapping):
        raise _bad("映射应为键值对", "the mapping is no mapping of keys")
    _only(data, _KEYS, "mapping")
    source = data.get("source")
    if not isinstance(source, str) or not source.strip():
        raise _bad(
            "映射缺少 source（外部系统名称）", "the mapping lacks source, the foreign system"
        )
    acts = data.get("activities")
    if not isinstance(acts, Mapping) or not acts:
        raise _bad("映射缺少 activities", "the mapping lacks activities")
    if "unit" not in data:
        raise _bad("映射缺少 unit", "the mapping lacks unit")
    persons = data.get("persons") or {}
    if not isinstance(persons, Mapping):
        raise _bad("persons 应为键值对", "persons is no mapping of names")
    activities = {str(name): _meaning(str(name), given) for name, given in acts.items()}
    begins = data.get("begins")
    if begins is not None and begins not in activities:
        raise _bad(f"begins 的活动 {begins} 未映射", f"begins names {begins}, which is not mapped")
    return ObservationMapping(
        source.strip(),
        begins,
        read_given("unit", data["unit"]),
        {str(name): str(person) for name, person in persons.items()},
        activities,
        frozenset(_names("ignore", data.get("ignore"))),
    )


def _meaning(name: str, given: Any) -> Meaning:
    if not isinstance(given, Mapping):
        raise _bad(f"活动 {name} 应为键值对", f"activity {name} is no mapping of keys")
    _only(given, _DOES, name)
    values = given.get("values") or {}
    if not isinstance(values, Mapping):
        raise _bad(f"活动 {name} 的 values 应为键值对", f"{name}: values is no mapping of fields")
    return Meaning(
        _names(name, given.get("completes")),
        _names(name, given.get("delivers")),
        _names(name, given.get("enters")),
        str(given["ends"]) if given.get("ends") else None,
        {str(key): read_given(str(key), value) for key, value in values.items()},
    )


def _names(where: str, given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise _bad(f"{where}：应为名称或名称列表", f"{where}: a name or a list of names is needed")
    return tuple(names)


def _only(given: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for key in given:
        if key not in known:
            raise _bad(f"{where} 中的 {key} 无意义", f"{where} has no key {key}")


def _bad(zh: str, en: str) -> Refusal:
    return refuse(
        "observing.bad_mapping",
        zh,
        en,
        remedy_zh="映射含 source、unit、activities，可加 begins、persons、ignore",
        remedy_en="A mapping has source, unit, activities; begins, persons, ignore if need be",
    )
