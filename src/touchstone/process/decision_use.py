"""Where the procedures of a standard ask for a decision, and which fields of theirs it looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from touchstone.kernel.forms import Field
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue, per_version
from touchstone.process.course.reading import diagram_of, names_of
from touchstone.process.deployment import Deployment, deployment


@dataclass(frozen=True, slots=True)
class DecisionUse:
    """One step of a procedure that asks for a decision.

    Attributes:
        fields: input or output of the decision -> the form's field of the same variable.
        amounts: open variable of the case that holds money -> its title and currency.
    """

    decision: str
    procedure: str
    number: str
    procedure_title: Text
    element: str
    title: Text
    fields: Mapping[str, Field]
    amounts: Mapping[str, tuple[Text, str]]


@per_version
def decision_uses(version: int) -> Mapping[str, tuple[DecisionUse, ...]]:
    """Decision -> the steps that ask for it, in the order of the procedures."""
    found: dict[str, list[DecisionUse]] = {}
    for slug in catalogue(version).objects("procedure"):
        for use in _uses(deployment(version, slug)):
            found.setdefault(use.decision, []).append(use)
    return {
        decision: tuple(sorted(uses, key=lambda use: (use.number, use.element)))
        for decision, uses in found.items()
    }


def _uses(deployed: Deployment) -> list[DecisionUse]:
    nodes = [node for node in deployed.program.nodes.values() if node.rule is not None]
    if not nodes:
        return []
    names = names_of(deployed, diagram_of(deployed.content, deployed))
    fields = {field.name: field for form in deployed.forms.values() for field in form.fields}
    amounts = {
        name: (field.title, field.currency or "CNY")
        for name, field in fields.items()
        if field.kind == "money" and not field.sealed
    }
    procedure = deployed.procedure
    found = []
    for node in nodes:
        rule = node.rule
        assert rule is not None
        looked_at = {name: text.text.strip() for name, text in rule.inputs.items()}
        looked_at |= {output: variable for variable, output in rule.outputs.items()}
        found.append(
            DecisionUse(
                rule.decision.id,
                procedure.slug,
                procedure.number,
                procedure.title,
                node.id,
                names.step(node.id),
                {name: fields[of] for name, of in looked_at.items() if of in fields},
                amounts,
            )
        )
    return found
