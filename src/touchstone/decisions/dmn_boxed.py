"""Boxed expressions and decision tables of DMN XML."""

from __future__ import annotations

from collections.abc import Callable

from touchstone.decisions import model
from touchstone.decisions.dmn_elements import (
    FEEL,
    OWN,
    Source,
    body,
    child,
    children,
    local,
    own,
    type_named,
    variable_of,
    words,
)
from touchstone.kernel.xml import Element

POLICIES = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
}
AGGREGATIONS = {"": "", "LIST": "", "SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}


class BoxedReader:
    """Reads expressions of one file; what cannot be read becomes a problem of the file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._kinds: dict[str, Callable[[Element], model.Expression]] = {
            "literalExpression": self.literal,
            "context": self._context,
            "list": self._list,
            "relation": self._relation,
            "invocation": self._invocation,
            "functionDefinition": self.function,
            "conditional": self._conditional,
            "filter": self._filter,
            "for": self._iteration,
            "some": self._iteration,
            "every": self._iteration,
            "decisionTable": self._table,
        }

    def only(self, parent: Element) -> model.Expression | None:
        """The one expression below ``parent``, None where there is none."""
        found = [item for item in parent if local(item) in self._kinds]
        if len(found) > 1:
            self.source.problem(
                self.source.place(found[1]),
                "two_expressions",
                "a second expression",
                "多于一个表达式",
            )
        return self.expression(found[0]) if found else None

    def expression(self, element: Element) -> model.Expression:
        """Any boxed expression."""
        return self._kinds[local(element)](element)

    def literal(self, element: Element) -> model.Literal:
        """A literal expression, or whatever else holds a ``text``."""
        written = body(child(element, "text"))
        language = (element.get("expressionLanguage") or self.source.language).strip()
        plain = not language or language in FEEL or language.rstrip("/").lower() == "feel"
        text = self.source.settled(element, written)
        return model.Literal(
            self.source.place(element),
            text,
            self._type(element),
            None if plain else language,
            written if text != written else "",
        )

    def tests(self, element: Element | None) -> model.Literal | None:
        """Unary tests, None where there are none."""
        if element is None or not body(child(element, "text")):
            return None
        return self.literal(element)

    def function(self, element: Element) -> model.FunctionDefinition:
        """A function definition, or the encapsulated logic of a knowledge model."""
        parameters = tuple(
            variable_of(self.source, part, "") for part in children(element, "formalParameter")
        )
        kind = (element.get("kind") or "FEEL").strip()
        return model.FunctionDefinition(
            self.source.place(element), kind, parameters, self.only(element), self._type(element)
        )

    def _type(self, element: Element) -> model.TypeName | None:
        return type_named(self.source, element, element.get("typeRef"))

    def _needed(self, parent: Element, name: str) -> model.Expression:
        """The expression inside the child ``name``; a problem and an empty text where none is."""
        part = child(parent, name)
        found = None if part is None else self.only(part)
        if found is not None:
            return found
        place = self.source.place(parent)
        text = f"{local(parent)} without an expression in {name}"
        self.source.problem(place, "no_expression", text, "缺少表达式")
        return model.Literal(place, "null")

    def _context(self, element: Element) -> model.Context:
        entries = []
        for item in children(element, "contextEntry"):
            variable = child(item, "variable")
            named = None if variable is None else variable_of(self.source, variable, "")
            entries.append(model.Entry(named, self.only(item)))
        return model.Context(self.source.place(element), tuple(entries), self._type(element))

    def _several(self, element: Element) -> tuple[model.Expression, ...]:
        return tuple(self.expression(item) for item in element if local(item) in self._kinds)

    def _list(self, element: Element) -> model.ListOf:
        place = self.source.place(element)
        return model.ListOf(place, self._several(element), self._type(element))

    def _relation(self, element: Element) -> model.Relation:
        columns = tuple(variable_of(self.source, part, "") for part in children(element, "column"))
        rows = []
        for row in children(element, "row"):
            cells = self._several(row)
            if len(cells) != len(columns):
                text = f"a row of {len(cells)} cells under {len(columns)} columns"
                self.source.problem(self.source.place(row), "cells", text, "单元格数与列数不符")
            rows.append(cells)
        place = self.source.place(element)
        return model.Relation(place, columns, tuple(rows), self._type(element))

    def _invocation(self, element: Element) -> model.Invocation:
        bindings = []
        for item in children(element, "binding"):
            parameter = child(item, "parameter")
            name = "" if parameter is None else self.source.name_of(parameter)
            bindings.append((name, self.only(item)))
        place = self.source.place(element)
        return model.Invocation(place, self.only(element), tuple(bindings), self._type(element))

    def _conditional(self, element: Element) -> model.Conditional:
        return model.Conditional(
            self.source.place(element),
            self._needed(element, "if"),
            self._needed(element, "then"),
            self._needed(element, "else"),
            self._type(element),
        )

    def _filter(self, element: Element) -> model.Filter:
        return model.Filter(
            self.source.place(element),
            self._needed(element, "in"),
            self._needed(element, "match"),
            self._type(element),
        )

    def _iteration(self, element: Element) -> model.Iteration:
        kind = local(element)
        return model.Iteration(
            self.source.place(element),
            kind,
            (element.get("iteratorVariable") or "").strip(),
            self._needed(element, "in"),
            self._needed(element, "return" if kind == "for" else "satisfies"),
            self._type(element),
        )

    def _table(self, element: Element) -> model.Table:
        place = self.source.place(element)
        policy = (element.get("hitPolicy") or "UNIQUE").strip().upper()
        aggregation = (element.get("aggregation") or "").strip().upper()
        if policy not in POLICIES:
            self.source.problem(place, "hit_policy", f"no hit policy {policy}", "命中策略未知")
        if aggregation not in AGGREGATIONS:
            self.source.problem(
                place, "aggregation", f"no aggregation {aggregation}", "汇总方式未知"
            )
        inputs = tuple(self._input(item) for item in children(element, "input"))
        outputs = tuple(self._output(item) for item in children(element, "output"))
        if not outputs:
            self.source.problem(place, "no_output", "a table without output", "决策表没有输出列")
        rules = tuple(
            self._rule(item, number + 1, len(inputs), len(outputs))
            for number, item in enumerate(children(element, "rule"))
        )
        return model.Table(
            place,
            POLICIES.get(policy, "U"),
            AGGREGATIONS.get(aggregation, ""),
            inputs,
            outputs,
            rules,
            tuple(item.get("name") or "" for item in children(element, "annotation")),
            *self._declared(element, inputs),
            type=self._type(element),
        )

    def _input(self, element: Element) -> model.Input:
        place = self.source.place(element)
        expression = child(element, "inputExpression")
        if expression is None:
            self.source.problem(
                place, "no_input", "an input without expression", "输入列缺少表达式"
            )
            expression = element
        return model.Input(
            place,
            element.get("label") or "",
            self.literal(expression),
            self.tests(child(element, "inputValues")),
            own(element, "nullable") == "true",
            own(element, "whole") == "true",
            own(element, "label-en"),
            words(element),
        )

    def _output(self, element: Element) -> model.Output:
        default = child(element, "defaultOutputEntry")
        return model.Output(
            self.source.place(element),
            self.source.name_of(element) or (element.get("label") or "").strip(),
            self._type(element),
            self.tests(child(element, "outputValues")),
            None if default is None else self.literal(default),
            (element.get("label") or "").strip(),
            own(element, "label-en"),
            words(element),
        )

    def _rule(self, element: Element, number: int, inputs: int, outputs: int) -> model.Rule:
        place = self.source.place(element)
        if not element.get("id"):
            place = model.Place(place.line, str(number))
        conditions = tuple(self.literal(item) for item in children(element, "inputEntry"))
        results = tuple(self.literal(item) for item in children(element, "outputEntry"))
        if len(conditions) != inputs or len(results) != outputs:
            text = (
                f"rule {number} has {len(conditions)} conditions and {len(results)} results"
                f" in a table of {inputs} inputs and {outputs} outputs"
            )
            self.source.problem(place, "cells", text, "单元格数与列数不符")
        notes = tuple(body(item) for item in children(element, "annotationEntry"))
        return model.Rule(place, conditions, results, notes)

    def _declared(
        self, element: Element, inputs: tuple[model.Input, ...]
    ) -> tuple[tuple[model.Monotone, ...], tuple[model.DeclaredGap, ...]]:
        """What the author promises of the table, in our own namespace."""
        extensions = child(element, "extensionElements")
        items = [] if extensions is None else list(extensions)
        monotone = []
        for item in (part for part in items if part.tag == f"{{{OWN}}}monotone"):
            place = self.source.place(item)
            direction = (item.get("direction") or "").strip()
            if direction not in ("rises", "falls"):
                text = "a monotone output rises or falls"
                self.source.problem(place, "direction", text, "单调方向应为 rises 或 falls")
            monotone.append(
                model.Monotone(
                    place, item.get("output") or "", item.get("input") or "", direction == "rises"
                )
            )
        gaps = [self._gap(part, inputs) for part in items if part.tag == f"{{{OWN}}}gap"]
        return tuple(monotone), tuple(gaps)

    def _gap(self, element: Element, inputs: tuple[model.Input, ...]) -> model.DeclaredGap:
        place = self.source.place(element)
        reason = (element.get("reason") or "").strip()
        if not reason:
            self.source.problem(
                place, "gap_reason", "a declared gap without reason", "缺口未说明理由"
            )
        tests = ["-"] * len(inputs)
        for part in (item for item in element if item.tag == f"{{{OWN}}}when"):
            name = (part.get("input") or "").strip()
            found = [number for number, column in enumerate(inputs) if name in names_of(column)]
            if not found:
                text = f"a declared gap names the unknown input {name}"
                self.source.problem(
                    self.source.place(part), "gap_input", text, "缺口所指输入不存在"
                )
                continue
            tests[found[0]] = body(part)
        return model.DeclaredGap(place, tuple(tests), reason)


def names_of(column: model.Input) -> set[str]:
    """What a column may be called: its label, its expression, its id."""
    return {column.label, column.expression.text, column.place.element} - {""}
