"""The grammar of FEEL by recursive descent; bounded in length, depth and number of nodes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.lexer import SyntaxProblem, Token, tokens
from touchstone.kernel.feel.values import (
    ARITHMETIC,
    Function,
    Type,
    read_date,
    read_date_time,
    read_duration,
    read_time,
)

MAX_LENGTH = 65_536
MAX_DEPTH = 60
MAX_NODES = 20_000
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


class Parser:
    """One reading of one text."""

    def __init__(
        self, text: str, names: Mapping[str, Type], functions: Mapping[str, Function]
    ) -> None:
        if len(text) > MAX_LENGTH:
            raise SyntaxProblem(0, f"longer than {MAX_LENGTH} characters")
        self._tokens = tokens(text, names, functions)
        self._functions = functions
        self._place = 0
        self._depth = 0
        self._nodes = 0
        self._scopes: list[set[str]] = [set(names)]
        self.used: set[str] = set()
        self.paths: set[tuple[str, str]] = set()
        self.called: set[str] = set()

    # Reading tokens

    @property
    def _now(self) -> Token:
        return self._tokens[self._place]

    def _is(self, kind: str, value: str | None = None) -> bool:
        token = self._now
        return token.kind == kind and (value is None or token.value == value)

    def _take(self, kind: str, value: str | None = None) -> Token | None:
        if self._is(kind, value):
            self._place += 1
            return self._tokens[self._place - 1]
        return None

    def _expect(self, kind: str, value: str | None = None) -> Token:
        token = self._take(kind, value)
        if token is None:
            found = self._now.value or "the end"
            raise SyntaxProblem(self._now.offset, f"expected {value or kind}, found {found!r}")
        return token

    def _word(self, word: str) -> bool:
        return self._take("keyword", word) is not None

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise SyntaxProblem(self._now.offset, f"more than {MAX_NODES} parts")

    # Entry points

    def expression_alone(self) -> tree.Node:
        """The whole text as one expression."""
        found = self._expression()
        self._expect("end")
        return found

    def unary_tests_alone(self) -> tree.Node:
        """The whole text as unary tests."""
        self._scopes[0].add("?")
        self.used.add("?")
        start = self._now.offset
        if self._is("-") and self._tokens[self._place + 1].kind == "end":
            return tree.UnaryTests(start, (), False)
        negated = False
        if self._is("name", "not") and self._tokens[self._place + 1].kind == "(":
            self._place += 2
            negated = True
        tests = [self._unary_test()]
        while self._take(","):
            tests.append(self._unary_test())
        if negated:
            self._expect(")")
        self._expect("end")
        return tree.UnaryTests(start, tuple(tests), negated)

    def _unary_test(self) -> tree.Node:
        start = self._now.offset
        if self._now.kind in _COMPARISONS:
            operator = self._expect(self._now.kind).value
            return tree.UnaryTest(start, operator, self._additive())
        return tree.UnaryTest(start, "in", self._expression())

    # Expressions, loosest first

    def _expression(self) -> tree.Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SyntaxProblem(self._now.offset, f"nested deeper than {MAX_DEPTH}")
        try:
            return self._disjunction()
        finally:
            self._depth -= 1

    def _disjunction(self) -> tree.Node:
        return self._logic("or", self._conjunction)

    def _conjunction(self) -> tree.Node:
        return self._logic("and", self._comparison)

    def _logic(self, word: str, operand: object) -> tree.Node:
        assert callable(operand)
        start = self._now.offset
        found = [operand()]
        while self._word(word):
            found.append(operand())
            self._count()
        return found[0] if len(found) == 1 else tree.Logic(start, word, tuple(found))

    def _comparison(self) -> tree.Node:
        left = self._additive()
        while True:
            offset = self._now.offset
            if self._now.kind in _COMPARISONS:
                operator = self._expect(self._now.kind).value
                left = tree.Comparison(offset, operator, left, self._additive())
            elif self._word("between"):
                low = self._additive()
                self._expect("keyword", "and")
                ends = tree.Interval(offset, low, self._additive(), True, True)
                left = tree.Membership(offset, left, (tree.UnaryTest(offset, "in", ends),))
            elif self._word("in"):
                left = tree.Membership(offset, left, self._in_tests())
            elif self._word("instance"):
                raise SyntaxProblem(offset, "«instance of» is not run yet", "feel.not_yet")
            else:
                return left
            self._count()

    def _in_tests(self) -> tuple[tree.Node, ...]:
        place = self._place
        if self._take("("):
            tests = [self._unary_test()]
            while self._take(","):
                tests.append(self._unary_test())
            if self._take(")"):
                return tuple(tests)
            self._place = place
        if self._now.kind in _COMPARISONS:
            return (self._unary_test(),)
        offset = self._now.offset
        return (tree.UnaryTest(offset, "in", self._additive()),)

    def _additive(self) -> tree.Node:
        left = self._multiplicative()
        while self._now.kind in ("+", "-"):
            token = self._expect(self._now.kind)
            left = tree.Arithmetic(token.offset, token.kind, left, self._multiplicative())
            self._count()
        return left

    def _multiplicative(self) -> tree.Node:
        left = self._power()
        while self._now.kind in ("*", "/"):
            token = self._expect(self._now.kind)
            left = tree.Arithmetic(token.offset, token.kind, left, self._power())
            self._count()
        return left

    def _power(self) -> tree.Node:
        left = self._unary()
        while self._is("**"):
            token = self._expect("**")
            left = tree.Arithmetic(token.offset, "**", left, self._unary())
            self._count()
        return left

    def _unary(self) -> tree.Node:
        signs = 0
        start = self._now.offset
        while self._take("-"):
            signs += 1
        found = self._postfix()
        return tree.Negation(start, found) if signs % 2 else found

    def _postfix(self) -> tree.Node:
        found = self._primary()
        while True:
            offset = self._now.offset
            if self._take("."):
                word = self._take("name") or self._take("keyword")
                if word is None:
                    raise SyntaxProblem(offset, "a name must follow the dot")
                if isinstance(found, tree.Name):
                    self.paths.add((found.name, word.value))
                found = tree.Path(offset, found, word.value)
            elif self._is("[") and not isinstance(found, tree.Interval):
                self._place += 1
                self._scopes.append(_Everything())
                condition = self._expression()
                self._scopes.pop()
                self._expect("]")
                found = tree.Filter(offset, found, condition)
            else:
                return found
            self._count()

    def _primary(self) -> tree.Node:
        self._count()
        token = self._now
        kind = token.kind
        if kind == "number":
            self._place += 1
            return tree.Literal(token.offset, ARITHMETIC.create_decimal(Decimal(token.value)))
        if kind == "string":
            self._place += 1
            return tree.Literal(token.offset, token.value)
        if kind == "at":
            self._place += 1
            return self._at(token)
        if kind == "name":
            return self._name()
        if kind == "keyword":
            return self._keyword(token)
        if kind == "(":
            return self._parenthesis()
        if kind in ("[", "]"):
            return self._bracket()
        if kind == "{":
            return self._context()
        raise SyntaxProblem(token.offset, f"unexpected {token.value or 'end of text'!r}")

    def _at(self, token: Token) -> tree.Node:
        for reader in (read_date, read_date_time, read_time, read_duration):
            value = reader(token.value)
            if value is not None:
                return tree.Literal(token.offset, value)
        raise SyntaxProblem(token.offset, f"@{token.value!r} is no date, time or duration")

    def _keyword(self, token: Token) -> tree.Node:
        word = token.value
        self._place += 1
        if word in ("true", "false", "null"):
            value = {"true": True, "false": False, "null": None}[word]
            return tree.Literal(token.offset, value)
        if word == "if":
            condition = self._expression()
            self._expect("keyword", "then")
            yes = self._expression()
            self._expect("keyword", "else")
            return tree.If(token.offset, condition, yes, self._expression())
        if word in ("for", "some", "every"):
            return self._iteration(word, token.offset)
        if word == "function":
            raise SyntaxProblem(
                token.offset, "function definitions are not run yet", "feel.not_yet"
            )
        raise SyntaxProblem(token.offset, f"unexpected {word!r}")

    def _iteration(self, kind: str, offset: int) -> tree.Node:
        variables: list[tuple[str, tree.Node]] = []
        bound: set[str] = set()
        self._scopes.append(bound)
        while True:
            name = self._expect("name").value
            self._expect("keyword", "in")
            source = self._expression()
            if self._is(".."):
                low = self._expect("..")
                source = tree.Interval(low.offset, source, self._expression(), True, True)
            variables.append((name, source))
            bound.add(name)
            if kind == "for":
                bound.add("partial")
            if not self._take(","):
                break
        self._expect("keyword", "return" if kind == "for" else "satisfies")
        body = self._expression()
        self._scopes.pop()
        return tree.Iteration(offset, kind, tuple(variables), body)

    def _parenthesis(self) -> tree.Node:
        start = self._expect("(").offset
        inner = self._expression()
        if self._take(".."):
            return self._interval_end(start, inner, False)
        self._expect(")")
        return inner

    def _bracket(self) -> tree.Node:
        opening = self._now
        self._place += 1
        if opening.kind == "[" and self._take("]"):
            return tree.ListOf(opening.offset, ())
        first = self._expression()
        if self._take(".."):
            return self._interval_end(opening.offset, first, opening.kind == "[")
        if opening.kind == "]":
            raise SyntaxProblem(opening.offset, "unexpected ']'")
        items = [first]
        while self._take(","):
            items.append(self._expression())
        self._expect("]")
        return tree.ListOf(opening.offset, tuple(items))

    def _interval_end(self, start: int, low: tree.Node, included: bool) -> tree.Node:
        high = self._additive()
        if self._take("]"):
            return tree.Interval(start, low, high, included, True)
        if self._take(")") or self._take("["):
            return tree.Interval(start, low, high, included, False)
        raise SyntaxProblem(self._now.offset, "the range is not closed")

    def _context(self) -> tree.Node:
        start = self._expect("{").offset
        entries: list[tuple[str, tree.Node]] = []
        own: set[str] = set()
        self._scopes.append(own)
        while not self._is("}"):
            key = self._take("string") or self._take("name") or self._expect("keyword")
            self._expect(":")
            entries.append((key.value, self._expression()))
            own.add(key.value)
            if not self._take(","):
                break
        self._scopes.pop()
        self._expect("}")
        return tree.ContextOf(start, tuple(entries))

    def _name(self) -> tree.Node:
        token = self._expect("name")
        name = token.value
        if self._is("("):
            return self._call(token)
        if not any(name in scope for scope in reversed(self._scopes)):
            raise SyntaxProblem(token.offset, f"nothing is called {name!r}", "feel.unknown_name")
        if name in self._scopes[0]:
            self.used.add(name)
        return tree.Name(token.offset, name)

    def _call(self, token: Token) -> tree.Node:
        function = self._functions.get(token.value)
        if function is None:
            raise SyntaxProblem(
                token.offset, f"no function {token.value!r} is run yet", "feel.not_yet"
            )
        self._expect("(")
        arguments: list[tree.Node] = []
        while not self._is(")"):
            if self._is("name") and self._tokens[self._place + 1].kind == ":":
                raise SyntaxProblem(
                    self._now.offset, "named arguments are not run yet", "feel.not_yet"
                )
            arguments.append(self._expression())
            if not self._take(","):
                break
        self._expect(")")
        if not function.least <= len(arguments) <= function.most:
            raise SyntaxProblem(
                token.offset, f"{token.value} does not take {len(arguments)} arguments"
            )
        self.called.add(token.value)
        return tree.Call(token.offset, token.value, tuple(arguments), ())


class _Everything(set[str]):
    """Inside a filter any name may be a key of the item."""

    def __contains__(self, name: object) -> bool:
        return True
