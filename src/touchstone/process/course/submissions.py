"""What was submitted at each step: open values with their titles, opinions, evidence. Pure.

Sealed values are references only; whoever may see their masks asks the vault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.kernel.facts import Recorded
from touchstone.kernel.forms import Form
from touchstone.kernel.text import Text
from touchstone.process.course.names import Names
from touchstone.process.course.walk import Visit, Walk
from touchstone.process.course.wording import OPINIONS

# The fields in which a step says what it decided, in this order.
_DECIDING = ("opinion", "review_decision", "compliance_decision", "decision", "verdict")
_YES_NO = {True: Text("是", "yes"), False: Text("否", "no")}


@dataclass(frozen=True, slots=True)
class Field:
    """One field as submitted.

    Attributes:
        value: None of a sealed field; ``reference`` then says where the vault keeps it.
        text: the value in words.
    """

    name: str
    title: Text
    value: Any
    text: Text
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """One form, or one signer's opinion, as submitted.

    Attributes:
        by: everybody who stands behind it; ``at`` microseconds since the epoch.
        decision: the field that decides, where the form has one.
        superseded: a later sending back took it back.
    """

    element: str
    step: Text
    round: int
    by: tuple[str, ...]
    by_names: Text
    on_behalf_of: str | None
    at: int
    position: int
    fields: tuple[Field, ...]
    decision: Field | None
    superseded: bool


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A document of the case; ``replaced`` where the same was filed again later."""

    id: str
    title: Text
    sha256: str
    element: str | None
    step: Text
    by: str
    by_name: Text
    at: int
    position: int
    replaced: bool


def submissions(
    facts: Iterable[Recorded], walked: Walk, forms: Mapping[str, Form], names: Names
) -> tuple[Submission, ...]:
    """Everything submitted in the case, in order; the form it began with first."""
    found: list[Submission] = []
    by_wait = {visit.wait: visit for visit in walked.visits}
    for recorded in facts:
        if recorded.kind == "process.case_started":
            found.append(_beginning(recorded, forms, names))
        elif recorded.kind == "process.task_signed":
            found.append(_signed(recorded, by_wait, names))
        elif recorded.kind == "process.step_left" and recorded.data["how"] == "completed":
            visit = by_wait[recorded.data["wait"]]
            if visit.kind == "user" or (visit.kind == "observed" and visit.values):
                found.append(_completed(visit, forms, names))
    return tuple(found)


def _beginning(recorded: Recorded, forms: Mapping[str, Form], names: Names) -> Submission:
    data = recorded.data
    form = forms.get(names.procedure.start.form or "")
    begun = Text("发起", "Beginning")
    fields = _fields(form, data.get("values") or {}, data.get("sealed") or {})
    by = (recorded.actor,)
    return Submission(
        "", begun, 1, by, names.people(by), recorded.on_behalf_of, recorded.occurred_at,
        recorded.position, fields, None, False,
    )  # fmt: skip


def _signed(recorded: Recorded, by_wait: Mapping[str, Visit], names: Names) -> Submission:
    data = recorded.data
    visit = by_wait[data["wait"]]
    opinion = _field("opinion", None, data["opinion"])
    by = tuple(data["by"])
    return Submission(
        data["element"], names.step(data["element"]), visit.round, by, names.people(by),
        recorded.on_behalf_of, recorded.occurred_at, recorded.position, (opinion,), opinion,
        visit.superseded,
    )  # fmt: skip


def _completed(visit: Visit, forms: Mapping[str, Form], names: Names) -> Submission:
    step = names.procedure.steps[visit.element]
    fields = _fields(forms.get(step.form or ""), visit.values, visit.sealed)
    deciding = {item.name: item for item in fields}
    decision = next((deciding[name] for name in _DECIDING if name in deciding), None)
    assert visit.closed_at is not None
    assert visit.closed_in is not None
    return Submission(
        visit.element, step.title, visit.round, visit.by, names.people(visit.by),
        visit.on_behalf_of, visit.closed_at, visit.closed_in, fields, decision, visit.superseded,
    )  # fmt: skip


def _fields(
    form: Form | None, values: Mapping[str, Any], sealed: Mapping[str, str]
) -> tuple[Field, ...]:
    """The fields of the form in its order; values that no field of it holds are not its own."""
    if form is None:
        return ()
    found = []
    for name in form.properties:
        if name in sealed:
            found.append(
                Field(name, form.title_of(name), None, Text("已密封", "sealed"), sealed[name])
            )
        elif name in values:
            found.append(_field(name, form, values[name]))
    return tuple(found)


def _field(name: str, form: Form | None, value: Any) -> Field:
    schema = form.properties.get(name, {}) if form else {}
    title = form.title_of(name) if form else Text("意见", "Opinion")
    labels = schema.get("x-labels") or {}
    if isinstance(value, bool):
        text = _YES_NO[value]
    elif isinstance(value, str) and value in labels:
        text = Text.from_mapping(labels[value])
    elif name == "opinion" and value in OPINIONS:
        text = OPINIONS[value]
    else:
        shown = "" if value is None else str(value)
        text = Text(shown, shown)
    return Field(name, title, value, text)


def evidence(facts: Iterable[Recorded], walked: Walk, names: Names) -> tuple[EvidenceItem, ...]:
    """Every document filed, in order."""
    elements = {visit.wait: visit.element for visit in walked.visits}
    found = [item for item in facts if item.kind == "process.evidence_added"]
    last = {item.data["evidence"]: (item.position, item.index) for item in found}
    items = []
    for item in found:
        data = item.data
        element = elements.get(str(data.get("task", "")).rpartition(".")[2])
        items.append(
            EvidenceItem(
                data["evidence"],
                names.evidence(data["evidence"]),
                data["sha256"],
                element,
                names.step(element),
                item.actor,
                names.person(item.actor),
                item.occurred_at,
                item.position,
                last[data["evidence"]] != (item.position, item.index),
            )
        )
    return tuple(items)
