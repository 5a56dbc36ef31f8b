"""The operands of FEEL: literals, names, calls, lists, contexts, functions and iterations."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Overflow

from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.lexer import (
    NameTable,
    SyntaxProblem,
    Token,
    following_words,
    new_name,
)
from touchstone.kernel.feel.reader import Reader, Scope
from touchstone.kernel.feel.reading import (
    ARITHMETIC,
    read_date,
    read_date_time,
    read_duration,
    read_time,
)
from touchstone.kernel.feel.type_grammar import TypeReader
from touchstone.kernel.feel.types import ANY, FunctionOf, Type
from touchstone.kernel.feel.values import Function

_CONSTANTS = {"true": True, "false": False, "null": None}


class OperandReader(Reader):
    """One reading of one text.

    Attributes:
        used: the declared names it uses.
        paths: (name, member) of every ``name.member`` in it.
        called: the functions it calls.
    """

    def __init__(
        self,
        text: str,
        names: Mapping[str, Type],
        functions: Mapping[str, Function],
        *,
        types: Mapping[str, Type] | None = None,
        strict: bool = True,
        long_builtins: NameTable | None = None,
    ) -> None:
        if long_builtins is None:
            long_builtins = NameTable(name for name in functions if " " in name)
        super().__init__(text, names, long_builtins)
        self._declared = names
        self._functions = functions
        self._types = TypeReader(self, types or {})
        self._strict = strict
        self._in_end = 0
        self.used: set[str] = set()
        self.paths: set[tuple[str, str]] = set()
        self.called: set[str] = set()

    def _fault(self, offset: int, english: str, chinese: str, code: str) -> tree.Node:
        """A part that can have no value: refused where the text is read strictly."""
        if self._strict:
            raise SyntaxProblem(offset, english, chinese, code)
        return tree.Fault(offset, english, chinese)

    # Entry points
    # What an operand holds is read by the parser of operators

    def _expression(self) -> tree.Node:
        raise NotImplementedError

    def _additive(self) -> tree.Node:
        raise NotImplementedError

    # Operands

    def _primary(self) -> tree.Node:
        self.count()
        token = self.now
        kind = token.kind
        if kind == "number":
            return self._number(token.offset, negative=False)
        if kind == "string":
            self.move(token.end)
            return tree.Literal(token.offset, token.value)
        if kind == "at":
            self.move(token.end)
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
        found = token.value or "the end"
        raise SyntaxProblem(
            token.offset, f"unexpected {found!r}", f"此处不能是{token.value or '结尾'!r}"
        )

    def _number(self, start: int, *, negative: bool) -> tree.Node:
        token = self.expect("number")
        try:
            value = ARITHMETIC.create_decimal(token.value)
        except Overflow:
            return self._fault(token.offset, "the number is too great", "数字过大", "feel.syntax")
        return tree.Literal(start, ARITHMETIC.minus(value) if negative else value)

    def _at(self, token: Token) -> tree.Node:
        for reader in (read_date, read_date_time, read_time, read_duration):
            value = reader(token.value)
            if value is not None:
                return tree.Literal(token.offset, value)
        return self._fault(
            token.offset,
            f"@{token.value!r} is no date, time or duration",
            f"@{token.value!r}不是日期、时间或时长",
            "feel.syntax",
        )

    def _keyword(self, token: Token) -> tree.Node:
        word = token.value
        self.move(token.end)
        if word in _CONSTANTS:
            return tree.Literal(token.offset, _CONSTANTS[word])
        if word == "if":
            condition = self._expression()
            self.expect("keyword", "then")
            yes = self._expression()
            self.expect("keyword", "else")
            return tree.If(token.offset, condition, yes, self._expression())
        if word in ("for", "some", "every"):
            return self._iteration(word, token.offset)
        if word == "function":
            return self._function(token.offset)
        raise SyntaxProblem(token.offset, f"unexpected {word!r}", f"此处不能是{word!r}")

    def _iteration(self, kind: str, offset: int) -> tree.Node:
        variables: list[tuple[str, tree.Node]] = []
        self.push(Scope())
        while True:
            name, _ = self.named("in")
            self.expect("keyword", "in")
            source = self._expression()
            if self.is_at(".."):
                low = self.expect("..")
                source = tree.Interval(low.offset, source, self._expression(), True, True)
            variables.append((name, source))
            self.introduce(name)
            self.count()
            if not self.take(","):
                break
        self.expect("keyword", "return" if kind == "for" else "satisfies")
        if kind == "for":
            self.introduce("partial")
        body = self._expression()
        self.pop()
        return tree.Iteration(offset, kind, tuple(variables), body)

    def _function(self, offset: int) -> tree.Node:
        self.expect("(")
        parameters: list[tuple[str, Type]] = []
        while not self.is_at(")"):
            name, place = self.named("parameter")
            if name in (known for known, _ in parameters):
                raise SyntaxProblem(
                    place, f"two parameters are called {name!r}", f"有两个参数名为{name!r}"
                )
            kind = self._types.read() if self.take(":") else ANY
            self.learn(kind)
            parameters.append((name, kind))
            if not self.take(","):
                break
        self.expect(")")
        external = self.word("external")
        self.push(Scope(name for name, _ in parameters))
        body = self._expression()
        self.pop()
        return tree.FunctionDefinition(offset, tuple(parameters), None if external else body)

    def _parenthesis(self) -> tree.Node:
        start = self.expect("(").offset
        ends, self._in_end = self._in_end, 0
        inner = self._expression()
        self._in_end = ends
        if self.take(".."):
            return self._interval_end(start, inner, included=False)
        self.expect(")")
        return inner

    def _bracket(self) -> tree.Node:
        opening = self.now
        self.move(opening.end)
        if opening.kind == "[" and self.take("]"):
            return tree.ListOf(opening.offset, ())
        ends, self._in_end = self._in_end, 0
        first = self._expression()
        self._in_end = ends
        if self.take(".."):
            return self._interval_end(opening.offset, first, included=opening.kind == "[")
        if opening.kind == "]":
            raise SyntaxProblem(opening.offset, "unexpected ']'", "此处不能是']'")
        items = [first]
        while self.take(","):
            items.append(self._expression())
        self.expect("]")
        return tree.ListOf(opening.offset, tuple(items))

    def _interval_end(self, start: int, low: tree.Node, *, included: bool) -> tree.Node:
        self._in_end += 1
        high = self._additive()
        self._in_end -= 1
        if self.take("]"):
            return tree.Interval(start, low, high, included, True)
        if self.take(")") or self.take("["):
            return tree.Interval(start, low, high, included, False)
        raise SyntaxProblem(self.now.offset, "the range is not closed", "区间没有收尾")

    def _context(self) -> tree.Node:
        start = self.expect("{").offset
        entries: dict[str, tree.Node] = {}
        fault: tree.Node | None = None
        self.push(Scope())
        while not self.is_at("}"):
            quoted = self.take("string")
            key, place = (quoted.value, quoted.offset) if quoted else self.named(":")
            self.expect(":")
            if key in entries:
                twice = f"two entries are called {key!r}", f"有两项名为{key!r}"
                fault = self._fault(place, *twice, "feel.syntax")
            self.learn_member(key)
            if self.is_at("keyword", "function"):
                self.introduce(key)
            entries[key] = self._expression()
            self.introduce(key)
            self.count()
            if not self.take(","):
                break
        self.pop()
        self.expect("}")
        return fault or tree.ContextOf(start, tuple(entries.items()))

    # Names and calls

    def _name(self) -> tree.Node:
        token = self.now
        name, end = token.value, token.end
        self.move(end)
        if self.is_at("("):
            return self._call(token)
        if self.knows(name):
            return self._known(token.offset, name)
        if name in self._functions:
            return tree.BuiltIn(token.offset, name)
        more = following_words(self.text, end)
        if more:
            name = f"{name} {more[0]}"
            self.move(more[1])
        if self.open_to_members:
            return self._known(token.offset, name)
        return self._fault(
            token.offset,
            f"nothing is called {name!r}",
            f"没有名为{name!r}的名称",
            "feel.unknown_name",
        )

    def _known(self, offset: int, name: str) -> tree.Node:
        if name in self.scopes[0]:
            self.used.add(name)
        return tree.Name(offset, name)

    def _call(self, token: Token) -> tree.Node:
        name = token.value
        function = self._functions.get(name)
        if self._may_be_value(name):
            return self._invocation(token.offset, self._known(token.offset, name), name)
        arguments, named = self._arguments()
        if function is None:
            if self.open_to_members:
                node = tree.Name(token.offset, name)
                return tree.Invocation(token.offset, node, arguments, named)
            return self._fault(
                token.offset,
                f"no function is called {name!r}",
                f"没有名为{name!r}的函数",
                "feel.unknown_name",
            )
        self.called.add(name)
        wrong = _wrong_arguments(function, arguments, named)
        if wrong:
            return self._fault(token.offset, *wrong, "feel.arguments")
        return tree.Call(token.offset, name, arguments, named)

    def _may_be_value(self, name: str) -> bool:
        """Whether a name that is called is one of the text's own and may hold a function."""
        if any(name in scope for scope in self.scopes[1:]):
            return True
        if name not in self.scopes[0]:
            return False
        kind = self._declared.get(name, ANY)
        return kind == ANY or isinstance(kind, FunctionOf) or name not in self._functions

    def _invocation(self, offset: int, function: tree.Node, name: str = "") -> tree.Node:
        arguments, named = self._arguments()
        builtin = name if name in self._functions else ""
        return tree.Invocation(offset, function, arguments, named, builtin)

    def _arguments(self) -> tuple[tuple[tree.Node, ...], tuple[str, ...]]:
        self.expect("(")
        ends, self._in_end = self._in_end, 0
        arguments: list[tree.Node] = []
        names: list[str] = []
        while not self.is_at(")"):
            if new_name(self.text, self.place, ":"):
                name, place = self.named(":")
                self.expect(":")
                if name in names or len(names) != len(arguments):
                    raise SyntaxProblem(
                        place,
                        "arguments are given all by name or all by place, each once",
                        "参数须全部按名称或全部按位置给出，且各给一次",
                    )
                names.append(name)
            elif names:
                raise SyntaxProblem(
                    self.now.offset, "every argument needs its name here", "此处每个参数都须有名称"
                )
            arguments.append(self._expression())
            if not self.take(","):
                break
        self.expect(")")
        self._in_end = ends
        return tuple(arguments), tuple(names)


def _wrong_arguments(
    function: Function, arguments: tuple[tree.Node, ...], named: tuple[str, ...]
) -> tuple[str, str] | None:
    """Why a built-in function cannot take the arguments, in both languages; None where it can."""
    name = function.name
    if named:
        if any(set(named) <= set(signature) for signature in function.signatures):
            return None
        given = ", ".join(named)
        return f"{name} has no parameters {given}", f"{name}没有参数{given}"
    count = len(arguments)
    if function.least <= count <= function.most:
        return None
    return f"{name} does not take {count} arguments", f"{name}不能有{count}个参数"
