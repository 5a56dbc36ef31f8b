"""Business-rule tasks at work: the decision is asked once, and what it came to is a fact.

The decision itself was handed in with the program; nothing here knows where it comes from.
"""

from __future__ import annotations

from typing import Any

from touchstone.decisions.content import Decided
from touchstone.kernel import feel
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.process.diagram.program import Node, Rule
from touchstone.process.engine.machine import Incident, Machine, storable

_LONGEST = 500


def decide(machine: Machine, node: Node, rule: Rule, scope: str) -> None:
    """Ask for the decision of ``node`` and set the variables that it gives.

    Raises:
        Incident: ``process.undecided``; the fact says why.
        Refusal: ``process.undecided``, where the procedure would rather refuse the act.
    """
    given = {name: feel.host(machine.evaluate(text, scope)) for name, text in rule.inputs.items()}
    found = rule.decision.decide(given, machine.env.now)
    missing = [
        output
        for output in rule.outputs.values()
        if found.values.get(output) is None and output not in rule.optional
    ]
    if missing and rule.undecided == "refuse":
        raise _refused(rule, found)
    machine.other("process.decided", **_fact(machine, node, rule, found, undecided=bool(missing)))
    if missing:
        why = "; ".join(found.reasons) or f"no value of {', '.join(missing)}"
        raise Incident(node.id, "process.undecided", f"{rule.decision.id}: {why}")
    values = {variable: found.values[output] for variable, output in rule.outputs.items()}
    machine.set_variables(values, scope)


def _fact(
    machine: Machine, node: Node, rule: Rule, found: Decided, *, undecided: bool
) -> dict[str, Any]:
    decision = rule.decision
    data: dict[str, Any] = {
        "element": node.id,
        "id": machine.identity("d"),
        "decision": decision.id,
        "sha256": decision.sha256,
        "values": storable(dict(found.values)),
        "rules": {table: list(ids) for table, ids in found.rules.items()},
        "inputs": storable(dict(found.inputs)),
        "clauses": list(decision.clauses),
    }
    if found.parameters:
        data["parameters"] = storable(dict(found.parameters))
    if undecided:
        data["undecided"] = True
        data["why"] = [text[:_LONGEST] for text in found.reasons]
    return data


def _refused(rule: Rule, found: Decided) -> Refusal:
    title = rule.decision.title
    why = f": {'; '.join(found.reasons)[:_LONGEST]}" if found.reasons else ""
    return refuse(
        "process.undecided",
        f"按「{title.zh}」无法得出结论，请核对填报内容",
        f"“{title.en}” comes to no result{why}",
        clause=rule.decision.clauses[0],
        remedy_zh="请补充或更正判定所需的信息后重新提交",
        remedy_en="Complete or correct what the decision looks at, and submit again",
    )
