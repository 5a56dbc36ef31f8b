"""Events as their rows show them, and one event as its page does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.journal.place import Place
from touchstone.journal.reading import EventRow, decode_facts
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.text import Text
from touchstone.kernel.time import from_microseconds
from touchstone.process.deployment import deployment
from touchstone.process.finding import known_cases
from touchstone.ui import formats
from touchstone.web.journal.wording import field_title, kind_title, object_title
from touchstone.web.naming import Naming, page_of

_KINDS_SHOWN = 3
_ROUTINE = frozenset({"process.advanced", "clocks.started", "clocks.stopped"})
_PERSONS = frozenset({"by", "person", "deputy", "from", "actor", "performed_by", "barred"})
_LONG = 400


@dataclass(frozen=True, slots=True)
class Named:
    """An object in words, with the page it has, where it has one."""

    title: Text
    text: Text
    address: str | None


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One event of a list; instants in microseconds."""

    stream: str
    position: int
    recorded_at: int
    occurred_at: int
    actor: Text
    on_behalf_of: Text | None
    kinds: tuple[Text, ...]
    more: int
    object: Named

    @property
    def is_later_entry(self) -> bool:
        """Whether it happened before it was recorded."""
        return self.occurred_at != self.recorded_at


def journal_rows(found: Iterable[EventRow], naming: Naming) -> tuple[JournalRow, ...]:
    """Rows in the order found; one query names all their cases."""
    listed = list(found)
    numbers = case_numbers(row.stream.removeprefix("case:") for row in listed)
    return tuple(_row(row, naming, numbers) for row in listed)


def _row(row: EventRow, naming: Naming, numbers: Mapping[str, str]) -> JournalRow:
    kinds = list(dict.fromkeys(fact.kind for fact in facts_of(row)))
    telling = [kind for kind in kinds if kind not in _ROUTINE] or kinds
    return JournalRow(
        row.stream,
        row.position,
        row.recorded_at,
        row.occurred_at,
        naming.person(row.actor),
        naming.person(row.on_behalf_of) if row.on_behalf_of else None,
        tuple(kind_title(kind) for kind in telling[:_KINDS_SHOWN]),
        len(kinds) - min(len(telling), _KINDS_SHOWN),
        named_stream(row.stream, numbers, naming),
    )


def facts_of(row: EventRow) -> tuple[Fact, ...]:
    """The row's facts; none where the payload was tampered with."""
    try:
        return decode_facts(row.payload)
    except (ValueError, KeyError, TypeError):
        return ()


def case_numbers(cases: Iterable[str]) -> dict[str, str]:
    """Case -> its number, for those there are."""
    return {identity: case.number for identity, case in known_cases(cases).items()}


def named_stream(stream: str, numbers: Mapping[str, str], naming: Naming) -> Named:
    """What a stream belongs to."""
    type, _, identity = stream.partition(":")
    return named_object(ObjectRef(type, identity), numbers, naming)


def named_object(ref: ObjectRef, numbers: Mapping[str, str], naming: Naming) -> Named:
    """An object that a fact is about."""
    words = Text(ref.id, ref.id)
    if ref.type == "case" and ref.id in numbers:
        words = Text(numbers[ref.id], numbers[ref.id])
    elif ref.type in ("person", "reader"):
        words = naming.person(ref.id)
    elif ref.type == "unit":
        words = naming.unit(ref.id)
    return Named(object_title(ref.type), words, _address(ref, naming))


def _address(ref: ObjectRef, naming: Naming) -> str | None:
    if ref.type == "customer" and not naming.opens_customers:
        return None
    name = {"case": "case", "clause": "clause", "customer": "customer"}.get(ref.type)
    return page_of(name, ref.id) if name else None


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One fact of an event's page: fields as (title, name, value)."""

    kind: str
    title: Text
    version: int
    objects: tuple[Named, ...]
    fields: tuple[tuple[Text, str, str], ...]


@dataclass(frozen=True)
class EventPage:
    """One event in its chain."""

    place: Place
    row: JournalRow
    facts: tuple[ShownFact, ...]
    raw: str

    @property
    def has_next(self) -> bool:
        """Whether the stream goes on."""
        return self.row.position < self.place.length


def event_page(place: Place, naming: Naming, language: str) -> EventPage:
    """The page of an event."""
    facts = facts_of(place.row)
    terms = case_terms(place.row.stream.removeprefix("case:"))
    cases = [ref.id for fact in facts for ref in fact.objects if ref.type == "case"]
    numbers = case_numbers([*cases, place.row.stream.removeprefix("case:")])
    return EventPage(
        place,
        _row(place.row, naming, numbers),
        tuple(_shown(fact, numbers, naming, terms, language) for fact in facts),
        _pretty(place.row.payload),
    )


Terms = Mapping[tuple[str, str], Text]
# Values of facts that are words of the house's own.
_WORDS: Terms = {
    ("mode", "block"): Text("拒绝", "refuses"),
    ("mode", "hold"): Text("暂挂", "holds"),
    ("mode", "flag"): Text("标记", "flags"),
    ("result", "met"): Text("满足", "met"),
    ("result", "not_met"): Text("未满足", "not met"),
    ("result", "not_judged"): Text("未能判定", "not judged"),
    ("how", "completed"): Text("办结", "completed"),
    ("how", "fired"): Text("触发", "fired"),
    ("how", "interrupted"): Text("中断", "interrupted"),
    ("how", "cancelled"): Text("取消", "cancelled"),
    ("outcome", "justified"): Text("理由成立", "justified"),
    ("outcome", "unjustified"): Text("理由不成立", "not justified"),
    ("kind", "user"): Text("人工环节", "human task"),
    ("kind", "observed"): Text("外部系统环节", "step in another system"),
    ("kind", "service"): Text("系统环节", "service task"),
    ("risk_grade", "low"): Text("低", "low"),
    ("risk_grade", "medium"): Text("中", "medium"),
    ("risk_grade", "high"): Text("高", "high"),
}


def case_terms(case: str) -> Terms:
    """(field, value) -> what the case's procedure calls its steps, control points and clocks."""
    found = known_cases([case]).get(case)
    if found is None:
        return {}
    procedure = deployment(found.content, found.procedure).procedure
    return {
        **{("element", name): step.title for name, step in procedure.steps.items()},
        **{("control", item.id): item.title for item in procedure.controls},
        ("procedure", found.procedure): procedure.title,
    }


def _shown(
    fact: Fact, numbers: Mapping[str, str], naming: Naming, terms: Terms, language: str
) -> ShownFact:
    return ShownFact(
        fact.kind,
        kind_title(fact.kind),
        fact.version,
        tuple(named_object(ref, numbers, naming) for ref in fact.objects),
        tuple(
            (field_title(name), name, _value(name, value, naming, terms, language))
            for name, value in fact.data.items()
        ),
    )


def _value(name: str, value: Any, naming: Naming, terms: Terms, language: str) -> str:
    """A field's value as people read it; what has no words of its own as JSON."""
    if isinstance(value, bool):
        value = Text("是", "yes") if value else Text("否", "no")
    elif isinstance(value, int) and (name.endswith("_at") or name == "until"):
        moment = from_microseconds(value)
        return formats.instant(moment, "zh" if language == "zh" else "en", seconds=True)
    elif isinstance(value, str):
        value = _words(name, value, naming, terms)
    elif isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        value = Text.from_mapping(value)
    elif name in _PERSONS and isinstance(value, list):
        names = [naming.person(str(item)) for item in value]
        value = Text("、".join(item.zh for item in names), ", ".join(item.en for item in names))
    if isinstance(value, Text):
        return value.in_language("zh" if language == "zh" else "en")
    if value is None:
        return formats.NONE
    return json.dumps(value, ensure_ascii=False)[:_LONG]


def _words(name: str, value: str, naming: Naming, terms: Terms) -> Text:
    known = terms.get((name, value)) or _WORDS.get((name, value))
    if known is not None:
        return (
            known if name != "control" else Text(f"{known.zh}（{value}）", f"{known.en} ({value})")
        )
    if name in _PERSONS:
        return naming.person(value)
    if name == "unit":
        return naming.unit(value)
    if name in ("post", "escalate_to"):
        return naming.post(value)
    if name == "pool":
        return naming.pool(value)
    return Text(value, value)


def _pretty(payload: str) -> str:
    try:
        return json.dumps(json.loads(payload), ensure_ascii=False, indent=1)
    except ValueError:
        return payload
