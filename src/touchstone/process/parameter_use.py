"""Where the procedures of a standard use a parameter, and how many running cases that concerns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lxml import etree

from touchstone.kernel.problem import Problem
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import Catalogue, catalogue
from touchstone.process.decisions import decisions_asked, parameters_asked
from touchstone.process.diagram.reading import read_xml
from touchstone.process.queries import open_cases_by_content

Part = Literal["step", "clock", "control", "limit", "diagram", "form"]


@dataclass(frozen=True, slots=True)
class Use:
    """One place of a procedure that asks for a parameter.

    Attributes:
        id: of the step, clock, control or limit, of the diagram's element, or the form's name.
        title: None for what has none.
    """

    procedure: str
    number: str
    procedure_title: Text
    part: Part
    id: str
    title: Text | None
    clause: str | None


@dataclass(frozen=True, slots=True)
class RunningCases:
    """Open cases of a procedure: they keep the version they began with."""

    procedure: str
    number: str
    title: Text
    open: int


def uses_of(parameter: str, standard: Catalogue | None = None) -> tuple[Use, ...]:
    """Every place of the procedures in force that asks for ``parameter``."""
    chosen = standard or catalogue()
    found: list[Use] = []
    for slug, item in sorted(chosen.objects("procedure").items()):
        for part, identity, title, clause in _places(slug, item.data, parameter, chosen):
            text = Text.from_mapping(title) if title else None
            about = Text.from_mapping(item.data["title"])
            found.append(Use(slug, item.data["id"], about, part, identity, text, clause))
    return tuple(found)


def running_cases_of(uses: tuple[Use, ...]) -> tuple[RunningCases, ...]:
    """The open cases of the procedures of ``uses``, in order of number."""
    titles = {use.procedure: (use.number, use.procedure_title) for use in uses}
    counted: dict[str, int] = dict.fromkeys(titles, 0)
    for (slug, _), count in open_cases_by_content().items():
        if slug in counted:
            counted[slug] += count
    found = [RunningCases(slug, *titles[slug], count) for slug, count in counted.items()]
    return tuple(sorted(found, key=lambda item: item.number))


def names(value: Any, parameter: str) -> bool:
    """Whether plain data names the parameter, by itself or in a FEEL expression."""
    if isinstance(value, Mapping):
        return any(names(item, parameter) for item in value.values())
    if isinstance(value, list):
        return any(names(item, parameter) for item in value)
    return isinstance(value, str) and (value == parameter or _in_feel(value, parameter))


def _in_feel(text: str, parameter: str) -> bool:
    return "parameter(" in text and bool(
        re.search(rf'parameter\(\s*"{re.escape(parameter)}"\s*\)', text)
    )


def _places(
    slug: str, raw: Mapping[str, Any], parameter: str, standard: Catalogue
) -> Iterator[tuple[Part, str, Mapping[str, str] | None, str | None]]:
    for element, step in raw["steps"].items():
        if names(step, parameter):
            yield "step", element, step["title"], step.get("clause")
    for clock in raw.get("clocks") or ():
        if names(clock, parameter):
            yield "clock", clock["id"], clock.get("title"), clock.get("clause")
    for control in raw.get("controls") or ():
        if names(control, parameter):
            yield "control", control["id"], control["title"], control["clause"]
    yield from _limits(raw.get("limits") or (), parameter, standard)
    diagram = standard.get("diagram", f"{slug}/{raw['bpmn']}")
    if diagram is not None:
        asked = [
            element
            for element, decision in decisions_asked(diagram.content)
            if parameter in parameters_asked(standard, decision)
        ]
        for element in (*_elements(diagram.content, diagram.path, parameter), *asked):
            step = raw["steps"].get(element) or {}
            yield "diagram", element, step.get("title"), step.get("clause")
    for name, form in sorted(standard.objects("form").items()):
        if name.startswith(f"{slug}/") and names(form.data, parameter):
            yield "form", name.partition("/")[2], form.data.get("x-title"), None


def _limits(
    taken_up: Sequence[Mapping[str, Any]], parameter: str, standard: Catalogue
) -> Iterator[tuple[Part, str, Mapping[str, str] | None, str | None]]:
    """The limits of a procedure whose amount, or whose use by it, asks for the parameter."""
    for limit in dict.fromkeys(item["limit"] for item in taken_up):
        known = standard.get("limit", limit)
        asked = [item for item in taken_up if item["limit"] == limit]
        if known and (names(asked, parameter) or names(known.data["amount"], parameter)):
            yield "limit", limit, known.data["title"], known.data["clause"]


def _elements(content: bytes, path: str, parameter: str) -> Iterator[str]:
    """Ids of the diagram's elements whose expressions ask for the parameter."""
    root = read_xml(content, path)
    if isinstance(root, Problem):
        return
    seen: set[str] = set()
    for node in root.iter(etree.Element):
        texts = [node.text or "", *(str(value) for value in node.attrib.values())]
        if not any(_in_feel(text, parameter) for text in texts):
            continue
        holder = node
        while holder is not None and holder.get("id") is None:
            holder = holder.getparent()
        identity = holder.get("id") if holder is not None else None
        if identity and identity not in seen:
            seen.add(identity)
            yield identity
