"""Decision tables compiled: rules chosen by bits, results by hit policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from touchstone.decisions import model
from touchstone.decisions.axes import Axis, Locate, axis
from touchstone.decisions.boxed import Closure, Compiler, Names, Scope
from touchstone.decisions.cells import Cell, constants, literal_value, order_of, simple_cell
from touchstone.decisions.policies import ranked, single_of, values_of
from touchstone.decisions.running import Evaluation
from touchstone.decisions.types import ANYTHING, Kind, Mismatch, shown
from touchstone.kernel import feel

ORDER_OF_TYPE: dict[feel.Type, str] = {
    feel.NUMBER: "number",
    feel.STRING: "string",
    feel.BOOLEAN: "boolean",
    feel.DATE: "date",
    feel.DATE_TIME: "date and time",
    feel.TIME: "time",
    feel.DAYS_DURATION: "days and time duration",
    feel.YEARS_DURATION: "years and months duration",
}


class Column:
    """One input compiled.

    Attributes:
        box: as written.
        kind: of its values.
        given: the kind of the input or decision that it looks at, where it looks at one.
        cells: its cells, None where a cell is free FEEL.
        axis: its values cut at the ends of the simple cells.
        allowed: the values it may take, None where all of its type.
    """

    def __init__(
        self, compiler: Compiler, table: model.Table, number: int, scope: Scope, wanted: Kind
    ) -> None:
        self.box = table.inputs[number]
        self.kind = wanted
        self.given = ANYTHING
        self._compiler = compiler
        self._scope = {**scope, "?": self.kind.type}
        self.value = compiler.closure(self.box.expression, scope, ANYTHING)
        self._texts = [rule.conditions[number] for rule in table.rules]
        self._closures: dict[int, Closure] = {}
        self._mistyped: dict[int, str] = {}
        self.cells = self._simple_cells()
        self.axis = self._axis()
        self.allowed = self._allowed()
        self.locate: Locate = self.axis.locate()
        self.hard = [number for number, cell in enumerate(self.cells) if cell is None]
        for rule in self.hard:
            self.test(rule)

    def _simple_cells(self) -> list[Cell | None]:
        known: dict[str, Cell | None] = {}
        found = []
        for literal in self._texts:
            if literal.text not in known:
                usable = not literal.language
                known[literal.text] = simple_cell(literal.text, self._scope) if usable else None
            found.append(known[literal.text])
        return found

    def _axis(self) -> Axis:
        """The axis; a cell of another kind than the column's is left to FEEL."""
        orders = [cell.order if cell is not None else "" for cell in self.cells]
        declared = ORDER_OF_TYPE.get(self.kind.type, "")
        wanted = declared or next((name for name in orders if name), "")
        if wanted.startswith("date and time"):
            wanted = next((name for name in orders if name.startswith(wanted)), wanted)
        for number, name in enumerate(orders):
            if name and name != wanted:
                self.cells[number] = None
                if declared and not name.startswith(declared):
                    self._mistyped[number] = name
        return axis(self.cells, wanted)

    @property
    def order(self) -> str:
        """The kind of its values."""
        return self.axis.order

    def written(self, rule: int) -> model.Literal:
        """The cell of a rule as written."""
        return self._texts[rule]

    def mistyped(self, rule: int) -> str:
        """The kind of value that a rule's cell compares with, where it is not the column's."""
        return self._mistyped.get(rule, "")

    def _allowed(self) -> Callable[[Any, feel.Run], bool] | None:
        values = self.box.values
        return None if values is None else self._compiler.tests(values, self.kind.type)

    def test(self, rule: int) -> Closure:
        """The cell of a rule as FEEL, compiled when first asked for."""
        if rule not in self._closures:
            self._closures[rule] = self._compiler.literal(
                self._texts[rule], self._scope, "unary_tests"
            )
        return self._closures[rule]

    def taken(self, names: Names, run: feel.Run) -> Any:
        """The column's value.

        Raises:
            Mismatch: it is not one of those the column allows.
        """
        value = self.value(names, run)
        if value is not None and self.allowed is not None and not self.allowed(value, run):
            name, said = self.box.expression.text, shown(value)
            raise Mismatch(
                f"{name}: {said} is not an allowed input", f"{name}：{said}不在允许的输入值之内"
            )
        return value

    def rules(self, value: Any, names: Names, run: feel.Run) -> int:
        """The rules whose simple cell accepts ``value``, and all whose cell is free FEEL."""
        if value is None:
            return self.axis.null
        if order_of(value) == self.axis.order:
            return self.locate(value)
        found = 0
        for number, cell in enumerate(self.cells):
            if cell is None or cell.anything or self.holds(number, value, names, run):
                found |= 1 << number
        return found

    def holds(self, rule: int, value: Any, names: Names, run: feel.Run) -> bool:
        """Whether FEEL says that the rule's cell accepts ``value``."""
        return self.test(rule)({**names, "?": value}, run) is True


class Results:
    """One output column compiled.

    Attributes:
        kind: of its values.
        entries: a closure for each rule.
        literals: for each rule the literal it gives, None where it computes one.
        default: the closure of its default, where it has one.
        ranks: its values in the order of their priority, the highest first.
    """

    def __init__(
        self, compiler: Compiler, table: model.Table, number: int, scope: Scope, wanted: Kind
    ) -> None:
        self.box = table.outputs[number]
        own = compiler.kind(self.box.type, self.box.place)
        self.kind = own if own is not ANYTHING else wanted
        self._compiler = compiler
        texts = [rule.results[number] for rule in table.rules]
        self._known: dict[str, tuple[Closure, Any]] = {}
        made = [self._entry(text, scope) for text in texts]
        self.entries = [closure for closure, _ in made]
        self.literals = [value for _, value in made]
        default = self.box.default
        self.default = None if default is None else self._entry(default, scope)[0]
        self.allowed = self._allowed()
        self.ranks = self._ranks()

    def _entry(self, literal: model.Literal, scope: Scope) -> tuple[Closure, Any]:
        """The closure of a cell, and its value where it is a literal."""
        if literal.text not in self._known:
            value = self._constant(literal, scope)
            if value is not None and (self.kind.free or self._plain(value)):
                self._known[literal.text] = _always(value), value
            else:
                closure = self._compiler.closure(literal, scope, self.kind)
                self._known[literal.text] = closure, value
        return self._known[literal.text]

    def _plain(self, value: Any) -> bool:
        """Whether the kind asks nothing more of ``value`` than that it be of its type."""
        kind = self.kind
        tested = kind.allowed is not None or kind.whole is not None or kind.items is not None
        return not tested and feel.conforms(value, kind.type)

    def _constant(self, literal: model.Literal, scope: Scope) -> Any:
        return None if literal.language else literal_value(literal.text, scope)

    def _allowed(self) -> Callable[[Any, feel.Run], bool] | None:
        values = self.box.values
        return None if values is None else self._compiler.tests(values, self.kind.type)

    def _ranks(self) -> list[Any]:
        written = self.box.values or self.kind.allowed_text
        if written is None:
            return []
        return constants(written.text, {"?": self.kind.type}) or []

    def rank(self, value: Any) -> int:
        """The place of ``value`` in that order; unknown ones come last."""
        return self.ranks.index(value) if value in self.ranks else len(self.ranks)


def _always(value: Any) -> Closure:
    return lambda names, run: value


class CompiledTable:
    """A table that can be evaluated and analysed."""

    def __init__(self, compiler: Compiler, box: model.Table, scope: Scope, wanted: Kind) -> None:
        self.box = box
        self.name = ""
        self.ids = [rule.place.element for rule in box.rules]
        self.columns = [
            Column(compiler, box, number, scope, self._input_kind(compiler, box, number, scope))
            for number in range(len(box.inputs))
        ]
        self.outputs = [
            Results(compiler, box, number, scope, self._output_kind(wanted, output))
            for number, output in enumerate(box.outputs)
        ]
        self.single = len(box.outputs) == 1
        self._all = (1 << len(box.rules)) - 1
        self._hard = 0
        for column in self.columns:
            for rule in column.hard:
                self._hard |= 1 << rule

    @staticmethod
    def _input_kind(compiler: Compiler, box: model.Table, number: int, scope: Scope) -> Kind:
        expression = box.inputs[number].expression
        kind = compiler.kind(expression.type, expression.place)
        if kind is ANYTHING and expression.text in scope:
            return Kind(expression.text, scope[expression.text])
        return kind

    def _output_kind(self, wanted: Kind, output: model.Output) -> Kind:
        kind = wanted.items if wanted.items is not None and self.box.policy in "ROC" else wanted
        if len(self.box.outputs) == 1:
            return ANYTHING if kind.members else kind
        return kind.members.get(output.name, ANYTHING)

    def evaluate(self, names: Names, run: Evaluation) -> Any:
        """The table's value; the rules that matched are noted in the run."""
        try:
            hits = self.hits(names, run)
            return self._result(hits, names, run)
        except Mismatch as mismatch:
            return run.fail(0, str(mismatch), mismatch.chinese)

    def hits(self, names: Names, run: feel.Run) -> list[int]:
        """The rules that the names satisfy, in the table's order.

        Raises:
            Mismatch: an input is not one of those allowed.
        """
        found = self._all
        values = []
        for column in self.columns:
            value = column.taken(names, run)
            values.append(value)
            found &= column.rules(value, names, run)
        hits = bits(found)
        if found & self._hard:
            hits = [rule for rule in hits if self._hard_cells_hold(rule, values, names, run)]
        return hits

    def _hard_cells_hold(
        self, rule: int, values: Sequence[Any], names: Names, run: feel.Run
    ) -> bool:
        return all(
            column.cells[rule] is not None or column.holds(rule, value, names, run)
            for column, value in zip(self.columns, values, strict=True)
        )

    def _result(self, hits: list[int], names: Names, run: Evaluation) -> Any:
        policy = self.box.policy
        if not hits:
            run.matched(self.name, ())
            return self._defaults(names, run)
        if policy == "F":
            hits = hits[:1]
        if policy == "U" and len(hits) > 1:
            run.matched(self.name, [self.ids[rule] for rule in hits])
            names_of = [self.ids[rule] for rule in hits]
            english = f"rules {', '.join(names_of)} overlap"
            return run.fail(0, english, f"规则{'、'.join(names_of)}重叠")
        if policy not in "PO":
            run.matched(self.name, [self.ids[rule] for rule in hits])
        rows = [(rule, self._row(rule, names, run)) for rule in hits]
        if policy in "PO":
            rows = ranked(rows, self.outputs)
            run.matched(self.name, [self.ids[rule] for rule, _ in rows])
        values = [self.value_of(row) for _, row in rows]
        if policy in "UAPF":
            return single_of(policy, values, run)
        return values_of(self.box.aggregation, values, run)

    def _row(self, rule: int, names: Names, run: feel.Run) -> list[Any]:
        row = []
        for output in self.outputs:
            value = output.entries[rule](names, run)
            if output.allowed is not None and value is not None and not output.allowed(value, run):
                raise Mismatch(
                    f"{shown(value)} is not an allowed output of rule {self.ids[rule]}",
                    f"规则{self.ids[rule]}的输出{shown(value)}不在允许值之内",
                )
            row.append(value)
        return row

    def value_of(self, row: Sequence[Any]) -> Any:
        """The result of one rule: a value, or a context where there are several outputs."""
        if self.single:
            return row[0]
        return {output.box.name: value for output, value in zip(self.outputs, row, strict=True)}

    def _defaults(self, names: Names, run: Evaluation) -> Any:
        if any(output.default is not None for output in self.outputs):
            row = [
                None if output.default is None else output.default(names, run)
                for output in self.outputs
            ]
            value = self.value_of(row)
            return value if self.box.policy in "UAPF" or self.box.aggregation else [value]
        if self.box.aggregation == "#":
            return Decimal(0)
        return run.fail(0, "no rule matches", "没有规则适用")


def bits(mask: int) -> list[int]:
    """The numbers of the set bits, ascending."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
