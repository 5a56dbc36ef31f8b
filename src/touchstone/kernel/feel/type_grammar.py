"""The types that a text names: ``list<number>``, ``context<a: string>``, ``function<…> -> …``."""

from __future__ import annotations

from collections.abc import Mapping

from touchstone.kernel.feel.lexer import NameTable, SyntaxProblem, token_at
from touchstone.kernel.feel.reader import Reader
from touchstone.kernel.feel.types import (
    ANY,
    BY_NAME,
    ContextOf,
    FunctionOf,
    ListOf,
    RangeOf,
    Type,
)

_GENERIC = frozenset({"list", "context", "range", "function"})


class TypeReader:
    """Reads types at a reader's place, by their own names and those of ``declared``."""

    def __init__(self, reader: Reader, declared: Mapping[str, Type]) -> None:
        self._reader = reader
        self._declared = declared

    def read(self) -> Type:
        """The type at hand, passed.

        Raises:
            SyntaxProblem: nothing known is called so, or a bracket is missing.
        """
        reader = self._reader
        reader.deeper()
        reader.count()
        try:
            return self._one()
        finally:
            reader.shallower()

    def _one(self) -> Type:
        reader = self._reader
        names = NameTable([*BY_NAME, *self._declared])
        token = token_at(reader.text, reader.place, (names,))
        if token.kind not in ("name", "keyword"):
            raise SyntaxProblem(token.offset, "expected a type", "此处应为类型")
        reader.move(token.end)
        name = token.value
        if name in self._declared:
            return self._declared[name]
        if name in _GENERIC and reader.take("<"):
            found = self._generic(name)
            reader.expect(">")
            if name != "function":
                return found
            assert isinstance(found, FunctionOf)
            reader.expect("->")
            return FunctionOf(found.parameters, self.read())
        known = BY_NAME.get(name)
        if name in _GENERIC:
            raise SyntaxProblem(
                token.offset,
                f"{name} needs the types of its parts",
                f"{name}须写明各部分的类型",
                "feel.unknown_type",
            )
        if known is None:
            raise SyntaxProblem(
                token.offset,
                f"no type is called {name!r}",
                f"没有名为{name!r}的类型",
                "feel.unknown_type",
            )
        return known

    def _generic(self, name: str) -> Type:
        reader = self._reader
        if name == "list":
            return ListOf(self.read())
        if name == "range":
            return RangeOf(self.read())
        if name == "context":
            members: dict[str, Type] = {}
            while not reader.is_at(">"):
                member, _ = reader.named(":")
                reader.expect(":")
                members[member] = self.read()
                reader.learn_member(member)
                if not reader.take(","):
                    break
            return ContextOf(members)
        parameters: list[tuple[str, Type]] = []
        while not reader.is_at(">"):
            parameters.append((f"p{len(parameters) + 1}", self.read()))
            if not reader.take(","):
                break
        return FunctionOf(tuple(parameters), ANY)
