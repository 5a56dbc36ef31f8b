"""Business-rule tasks: which decision of the standard one asks for, from what, and what it sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from touchstone.decisions.content import ContentDecision
from touchstone.decisions.scorecard import protected_among
from touchstone.kernel import feel
from touchstone.kernel.feel import Expression
from touchstone.kernel.feel.inference import type_of
from touchstone.process.diagram.program import Rule
from touchstone.process.diagram.reading import OWN, Element, body, own_children

Tell = Callable[[Element, str, str, str], None]
_UNDECIDED: Mapping[str, Literal["incident", "refuse"]] = {
    "incident": "incident",
    "refuse": "refuse",
}
# Types of which one is never the other; anything else is settled when the decision is asked.
_PLAIN = frozenset(
    {feel.NUMBER, feel.STRING, feel.BOOLEAN, feel.DATE, feel.DATE_TIME, feel.TIME, feel.LIST}
)


class Asking:
    """Reads the business-rule tasks of one diagram.

    Args:
        names: the variables of the case by type.
        sealed: fields that no decision sees.
        decisions: what may be asked for.
        expression: compiles a text, or tells its problems and gives nothing.
        tell: takes what is wrong: element, code, English, Chinese.
    """

    def __init__(
        self,
        names: Mapping[str, feel.Type],
        sealed: frozenset[str],
        decisions: Mapping[str, ContentDecision],
        expression: Callable[[Element, str], Expression | None],
        tell: Tell,
    ) -> None:
        self._names = names
        self._sealed = sealed
        self._decisions = decisions
        self._expression = expression
        self._tell = tell

    def rule(self, element: Element) -> Rule | None:
        """The rule of a task; None, and what is wrong is told, where it cannot be run."""
        identity = element.get(f"{{{OWN}}}decision")
        if not identity:
            self._tell(
                element, "bpmn.no_decision", "a rule task names no decision", "规则任务未指明决策"
            )
            return None
        decision = self._decisions.get(identity)
        if decision is None:
            text = f"no decision {identity} that can be deployed"
            self._tell(element, "bpmn.no_such_decision", text, f"没有可部署的决策 {identity}")
            return None
        said = element.get(f"{{{OWN}}}undecided", "incident")
        if said not in _UNDECIDED:
            text = f"undecided is incident or refuse, not {said}"
            self._tell(element, "bpmn.undecided", text, "undecided 应为 incident 或 refuse")
        outputs, optional = self._outputs(element, decision)
        return Rule(
            decision,
            self._inputs(element, decision),
            outputs,
            optional,
            _UNDECIDED.get(said, "incident"),
        )

    def _inputs(self, element: Element, decision: ContentDecision) -> dict[str, Expression]:
        """An expression for each input of the decision: as mapped, else the variable of its name."""
        mapped = {item.get("name") or "": item for item in own_children(element, "input")}
        for name in mapped.keys() - decision.inputs.keys():
            text = f"{decision.id} has no input {name}"
            self._tell(element, "bpmn.decision_input", text, f"{decision.id} 没有输入 {name}")
        found = {}
        for name, wanted in decision.inputs.items():
            item = mapped.get(name)
            if item is None and name not in self._names:
                if name in self._sealed:
                    self._expression(element, name)  # tells that nobody may use it
                else:
                    text = f"nothing gives {decision.id} its input {name}"
                    chinese = f"决策 {decision.id} 缺少输入 {name}"
                    self._tell(element, "bpmn.decision_input", text, chinese)
                continue
            compiled = self._expression(element, name if item is None else body(item))
            if compiled is None:
                continue
            given = type_of(compiled.tree, self._names)
            if given is not None:
                self._fits(element, f"input {name}", given, wanted, "decision_input_type")
            if decision.kind == "card":
                self._refuse_protected(element, compiled)
            found[name] = compiled
        return found

    def _refuse_protected(self, element: Element, compiled: Expression) -> None:
        for name in protected_among(sorted(compiled.names)):
            text = f"a scorecard looks at {name}, which is a protected attribute"
            self._tell(element, "bpmn.protected", text, f"评分卡不得使用受保护特征 {name}")

    def _outputs(
        self, element: Element, decision: ContentDecision
    ) -> tuple[dict[str, str], frozenset[str]]:
        """Variable -> output: as mapped, else the variables that are called as the outputs are."""
        mapped = own_children(element, "output")
        pairs = [
            (item.get("variable") or item.get("name") or "", item.get("name") or "")
            for item in mapped
        ]
        if not pairs:
            pairs = [(name, name) for name in decision.outputs]
        optional = {item.get("name") or "" for item in mapped if item.get("optional") == "true"}
        for variable, output in pairs:
            wanted = self._names.get(variable)
            if output not in decision.outputs:
                text = f"{decision.id} has no output {output}"
                self._tell(
                    element, "bpmn.decision_output", text, f"{decision.id} 没有输出 {output}"
                )
            elif wanted is None:
                text = f"the output {output} of {decision.id} goes to the undeclared variable {variable}"
                self._tell(element, "bpmn.decision_output", text, f"未声明变量 {variable}")
            else:
                given = decision.outputs[output]
                self._fits(element, f"output {output}", given, wanted, "decision_output_type")
        return dict(pairs), frozenset(optional)

    def _fits(
        self, element: Element, what: str, given: feel.Type, wanted: feel.Type, code: str
    ) -> None:
        if given in _PLAIN and wanted in _PLAIN and given != wanted:
            text = f"{what} is a {given.value}, where a {wanted.value} is wanted"
            self._tell(element, f"bpmn.{code}", text, f"{what} 类型不符")
