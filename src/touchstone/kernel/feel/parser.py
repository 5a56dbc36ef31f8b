"""The grammar of FEEL by recursive descent: whole texts, tests and operators.

Bounded in length, depth and number of nodes; ``operands`` reads what the operators stand between.
"""

from __future__ import annotations

from collections.abc import Callable

from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.lexer import SyntaxProblem, following_words
from touchstone.kernel.feel.operands import OperandReader
from touchstone.kernel.feel.reader import Scope

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_CONTINUING = frozenset({"+", "-", "*", "/", "**", ".", "[", "("})


class Parser(OperandReader):
    """One reading of one text."""

    def expression_alone(self) -> tree.Node:
        """The whole text as one expression."""
        found = self._expression()
        self.expect("end")
        return found

    def unary_tests_alone(self) -> tree.UnaryTests:
        """The whole text as unary tests."""
        self.introduce("?")
        self.used.add("?")
        start = self.now.offset
        if self.is_at("-") and self.after(self.now).kind == "end":
            return tree.UnaryTests(start, (), False)
        negated = self._is_call_of_not()
        if negated:
            saved = self.saved()
            try:
                return self._negated(start)
            except SyntaxProblem:
                self.restore(saved)
        tests = [self._unary_test()]
        while self.take(","):
            tests.append(self._unary_test())
        self.expect("end")
        return tree.UnaryTests(start, tuple(tests), False)

    def _is_call_of_not(self) -> bool:
        return self.is_at("name", "not") and self.after(self.now).kind == "("

    def _negated(self, start: int) -> tree.UnaryTests:
        self.expect("name", "not")
        self.expect("(")
        tests = [self._unary_test()]
        while self.take(","):
            tests.append(self._unary_test())
        self.expect(")")
        self.expect("end")
        return tree.UnaryTests(start, tuple(tests), True)

    def _unary_test(self) -> tree.Node:
        start = self.now.offset
        self.count()
        if self.now.kind in _COMPARISONS:
            operator = self.expect(self.now.kind).value
            return tree.UnaryTest(start, operator, self._additive())
        return tree.UnaryTest(start, "in", self._expression())

    # Expressions, loosest first

    def _expression(self) -> tree.Node:
        self.deeper()
        try:
            if self.now.kind in _COMPARISONS:
                return self._unary_range()
            return self._disjunction()
        finally:
            self.shallower()

    def _unary_range(self) -> tree.Node:
        token = self.expect(self.now.kind)
        self.count()
        return tree.UnaryRange(token.offset, token.kind, self._additive())

    def _disjunction(self) -> tree.Node:
        return self._logic("or", self._conjunction)

    def _conjunction(self) -> tree.Node:
        return self._logic("and", self._comparison)

    def _logic(self, word: str, operand: Callable[[], tree.Node]) -> tree.Node:
        start = self.now.offset
        found = [operand()]
        while self.word(word):
            found.append(operand())
            self.count()
        return found[0] if len(found) == 1 else tree.Logic(start, word, tuple(found))

    def _comparison(self) -> tree.Node:
        left = self._additive()
        while True:
            offset = self.now.offset
            if self.now.kind in _COMPARISONS:
                operator = self.expect(self.now.kind).value
                left = tree.Comparison(offset, operator, left, self._additive())
            elif self.word("between"):
                low = self._additive()
                self.expect("keyword", "and")
                ends = tree.Interval(offset, low, self._additive(), True, True)
                left = tree.Membership(offset, left, (tree.UnaryTest(offset, "in", ends),))
            elif self.word("in"):
                left = tree.Membership(offset, left, self._in_tests())
            else:
                return left
            self.count()

    def _in_tests(self) -> tuple[tree.Node, ...]:
        saved = self.saved()
        if self.take("("):
            try:
                tests = [self._unary_test()]
                while self.take(","):
                    tests.append(self._unary_test())
                if self.take(")") and not self._goes_on():
                    return tuple(tests)
            except SyntaxProblem as problem:
                if problem.offset >= len(self.text):
                    raise  # nothing is left to read otherwise
            self.restore(saved)
        if self.now.kind in _COMPARISONS:
            return (self._unary_test(),)
        offset = self.now.offset
        return (tree.UnaryTest(offset, "in", self._additive()),)

    def _goes_on(self) -> bool:
        """Whether what stands in parentheses is but the first part of an operand."""
        return self.now.kind in _CONTINUING or self.is_at("keyword", "instance")

    def _additive(self) -> tree.Node:
        return self._left_to_right(("+", "-"), self._multiplicative)

    def _multiplicative(self) -> tree.Node:
        return self._left_to_right(("*", "/"), self._power)

    def _power(self) -> tree.Node:
        return self._left_to_right(("**",), self._unary)

    def _left_to_right(
        self, operators: tuple[str, ...], operand: Callable[[], tree.Node]
    ) -> tree.Node:
        left = operand()
        while self.now.kind in operators:
            token = self.expect(self.now.kind)
            left = tree.Arithmetic(token.offset, token.kind, left, operand())
            self.count()
        return left

    def _unary(self) -> tree.Node:
        signs = 0
        start = self.now.offset
        while self.take("-"):
            signs += 1
        if signs % 2 and self.now.kind == "number":
            return self._instance(self._postfix(self._number(start, negative=True)))
        found = self._instance(self._postfix(self._primary()))
        return tree.Negation(start, found) if signs % 2 else found

    def _instance(self, found: tree.Node) -> tree.Node:
        while self.is_at("keyword", "instance"):
            offset = self.expect("keyword", "instance").offset
            self.expect("keyword", "of")
            try:
                found = tree.InstanceOf(offset, found, self._types.read())
            except SyntaxProblem as problem:
                if problem.code != "feel.unknown_type" or self._strict:
                    raise
                found = tree.Fault(problem.offset, problem.text, problem.chinese)
        return found

    def _postfix(self, found: tree.Node) -> tree.Node:
        while True:
            offset = self.now.offset
            if self.take("."):
                found = self._path(offset, found)
            elif self.is_at("["):
                filtered = self._filter(offset, found)
                if filtered is None:
                    return found
                found = filtered
            elif self.is_at("("):
                found = self._invocation(offset, found)
            else:
                return found
            self.count()

    def _path(self, offset: int, source: tree.Node) -> tree.Node:
        token = self.member()
        if token.kind not in ("name", "keyword"):
            raise SyntaxProblem(offset, "a name must follow the dot", "点号后应为名称")
        name, end = token.value, token.end
        more = following_words(self.text, end) if token.kind == "name" else None
        if more:
            name, end = f"{name} {more[0]}", more[1]
        self.move(end)
        if isinstance(source, tree.Name):
            self.paths.add((source.name, name))
        return tree.Path(offset, source, name)

    def _filter(self, offset: int, source: tree.Node) -> tree.Node | None:
        """A filter; None where the bracket closes a range written ``]1..2[`` instead."""
        saved = self.saved()
        try:
            self.expect("[")
            self.push(Scope(("item",), open_to_members=True))
            condition = self._expression()
            self.pop()
            self.expect("]")
        except SyntaxProblem:
            if not self._in_end:
                raise
            self.restore(saved)
            return None
        return tree.Filter(offset, source, condition)
