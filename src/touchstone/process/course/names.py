"""What the ids in a case's journal are called: steps, people, posts, clocks, controls. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from touchstone.clocks.definition import ClockDefinition
from touchstone.decisions.content import ContentDecision
from touchstone.identity.directory import Directory
from touchstone.kernel.text import Text
from touchstone.process.diagram.program import Program
from touchstone.process.procedure import Procedure

_WITHDRAWN = Text("已撤回", "Withdrawn")
_SYSTEM = Text("系统", "the system")
_CUSTOMER = Text("客户", "the customer")


@dataclass(frozen=True)
class Names:
    """Ids in words of both languages; an id that is not known stands for itself.

    Attributes:
        posts: post -> title.
        elements: what the diagram calls an element that is no step.
    """

    procedure: Procedure
    program: Program
    directory: Directory
    clocks: Mapping[str, ClockDefinition] = field(default_factory=dict)
    posts: Mapping[str, Text] = field(default_factory=dict)
    elements: Mapping[str, Text] = field(default_factory=dict)

    def step(self, element: str | None) -> Text:
        """The title of a step, or the name of another element."""
        if element is None:
            return self.procedure.title
        if element in self.procedure.steps:
            return self.procedure.steps[element].title
        if element in self.elements:
            return self.elements[element]
        node = self.program.nodes.get(element)
        name = node.name if node else element
        return Text(name, name)

    def message(self, name: str) -> Text:
        """What the element is called that waits for a message, or else throws it."""
        found = (
            node.id
            for node in self.program.nodes.values()
            for event in node.events
            if event.kind == "message" and event.name == name
        )
        return self.step(next(found, name))

    def outcome(self, outcome: str) -> Text:
        """How a case ended: the end event it reached, or that somebody withdrew it."""
        return _WITHDRAWN if outcome == "withdrawn" else self.step(outcome)

    def person(self, identity: str | None) -> Text:
        """The name of a person, the system or the customer."""
        if not identity or identity.startswith("system:"):
            return _SYSTEM
        if identity.startswith("customer:"):
            return _CUSTOMER
        known = self.directory.persons.get(identity)
        return known.name if known else Text(identity, identity)

    def people(self, identities: object) -> Text:
        """Several names."""
        listed = list(identities) if isinstance(identities, list | tuple | dict) else []
        names = [self.person(str(item)) for item in listed]
        return Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))

    def post(self, identity: str | None) -> Text:
        """The title of a post, or of several joined by ``|``."""
        parts = [self.posts.get(part, Text(part, part)) for part in (identity or "").split("|")]
        return Text("、".join(item.zh for item in parts), ", ".join(item.en for item in parts))

    def unit(self, identity: str | None) -> Text:
        """The name of a unit."""
        known = self.directory.units.get(identity or "")
        return known.name if known else Text(identity or "", identity or "")

    def clock(self, identity: str) -> Text:
        """The title of a clock."""
        known = self.clocks.get(identity)
        return known.title if known else Text(identity, identity)

    def control(self, identity: str) -> Text:
        """The title of a control point."""
        known = next((item for item in self.procedure.controls if item.id == identity), None)
        return known.title if known else Text(identity, identity)

    def decision(self, identity: str) -> ContentDecision | None:
        """The decision that a rule task of the procedure asks for."""
        found = (node.rule.decision for node in self.program.nodes.values() if node.rule)
        return next((item for item in found if item.id == identity), None)

    def evidence(self, identity: str) -> Text:
        """The title of a document."""
        for step in self.procedure.steps.values():
            for item in step.evidence:
                if item.id == identity:
                    return item.title
        for paper in self.procedure.start.papers:
            if paper.id == identity:
                return paper.title
        message, _, number = identity.rpartition("_")
        if number.isdigit() and message:
            return Text(f"客户补交材料 {number}", f"Paper {number} from the customer")
        return Text(identity, identity)
