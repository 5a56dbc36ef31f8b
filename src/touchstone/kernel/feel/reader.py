"""Walking through a text by tokens, with the scopes of names at each place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from touchstone.kernel.feel.lexer import NameTable, SyntaxProblem, Token, new_name, token_at
from touchstone.kernel.feel.limits import MAX_DEPTH, MAX_LENGTH, MAX_NODES
from touchstone.kernel.feel.types import ContextOf, FunctionOf, ListOf, RangeOf, Simple, Type


class Scope(NameTable):
    """The names of one construct; in an open one, any name may be a member of the item at hand."""

    __slots__ = ("open",)

    def __init__(self, names: Iterable[str] = (), *, open_to_members: bool = False) -> None:
        super().__init__(names)
        self.open = open_to_members


class Reader:
    """The place in a text, what is known there, and what was read so far."""

    def __init__(self, text: str, names: Mapping[str, Type], long_builtins: NameTable) -> None:
        if len(text) > MAX_LENGTH:
            raise SyntaxProblem(
                0, f"longer than {MAX_LENGTH} characters", f"超过{MAX_LENGTH}个字符"
            )
        self.text = text
        self.place = 0
        self.scopes: list[Scope] = [Scope(names)]
        self._members = NameTable()
        for kind in names.values():
            if type(kind) is not Simple:
                self.learn(kind)
        self._builtins = long_builtins
        self._token: Token | None = None
        self._depth = 0
        self._nodes = 0

    # Names

    def learn(self, kind: Type) -> None:
        """Know the members of a type by name, so that they may hold spaces and signs."""
        if isinstance(kind, ContextOf):
            for name, member in kind.members.items():
                self._members.add(name)
                self.learn(member)
        elif isinstance(kind, ListOf | RangeOf):
            self.learn(kind.item)
        elif isinstance(kind, FunctionOf):
            self.learn(kind.result)

    def learn_member(self, name: str) -> None:
        """Know one more name that members have."""
        self._members.add(name)

    def push(self, scope: Scope) -> None:
        """Enter a scope."""
        self.scopes.append(scope)
        self._token = None

    def pop(self) -> None:
        """Leave the innermost scope."""
        self.scopes.pop()
        self._token = None

    def introduce(self, name: str) -> None:
        """Make a name known in the innermost scope."""
        self.scopes[-1].add(name)
        self._token = None

    def knows(self, name: str) -> bool:
        """Whether a scope holds the name itself."""
        return any(name in scope for scope in self.scopes)

    @property
    def open_to_members(self) -> bool:
        """Whether any name may stand here."""
        return any(scope.open for scope in self.scopes)

    # Tokens

    @property
    def now(self) -> Token:
        """The token at hand."""
        token = self._token
        if token is None:
            tables: list[NameTable] = [*self.scopes, self._builtins]
            if self.open_to_members:
                tables.append(self._members)
            token = self._token = token_at(self.text, self.place, tables)
            if token.kind == "name" and token.value in self._builtins:
                token = self._token = self._builtin_or_word(token)
        return token

    def _builtin_or_word(self, token: Token) -> Token:
        """A built-in's name of several words stands only where it is called or nothing else fits."""
        first = token.value.split(" ")[0]
        if first == token.value or token_at(self.text, token.end, ()).kind == "(":
            return token
        return token_at(self.text, self.place, self.scopes) if self.knows(first) else token

    def member(self) -> Token:
        """The token after a dot, where members' names are known."""
        return token_at(self.text, self.place, (self._members,))

    def after(self, token: Token) -> Token:
        """The token that follows ``token``."""
        return token_at(self.text, token.end, self.scopes)

    def move(self, place: int) -> None:
        """Go to ``place``."""
        self.place = place
        self._token = None

    def is_at(self, kind: str, value: str | None = None) -> bool:
        """Whether the token at hand is of that kind, and that value."""
        token = self.now
        return token.kind == kind and (value is None or token.value == value)

    def take(self, kind: str, value: str | None = None) -> Token | None:
        """The token at hand, passed, when it is of that kind."""
        token = self.now
        if token.kind != kind or (value is not None and token.value != value):
            return None
        self.move(token.end)
        return token

    def expect(self, kind: str, value: str | None = None) -> Token:
        """The token at hand, passed.

        Raises:
            SyntaxProblem: it is another one.
        """
        token = self.take(kind, value)
        if token is None:
            wanted, found = value or kind, self.now.value
            raise SyntaxProblem(
                self.now.offset,
                f"expected {wanted}, found {found or 'the end'!r}",
                f"此处应为{wanted}，却是{found or '结尾'!r}",
            )
        return token

    def word(self, word: str) -> bool:
        """Pass a keyword when it stands here."""
        return self.take("keyword", word) is not None

    def named(self, ended_by: str) -> tuple[str, int]:
        """A name that is being introduced, passed, and where it stands.

        Raises:
            SyntaxProblem: there is none.
        """
        found = new_name(self.text, self.place, ended_by)
        if found is None:
            raise SyntaxProblem(self.now.offset, "expected a name", "此处应为名称")
        self.move(found[2])
        return found[0], found[1]

    # Bounds

    def count(self) -> None:
        """Count one part of the text."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise SyntaxProblem(
                self.place, f"more than {MAX_NODES} parts", f"多于{MAX_NODES}个部分"
            )

    def deeper(self) -> None:
        """Enter one more level of nesting."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SyntaxProblem(
                self.place, f"nested deeper than {MAX_DEPTH}", f"嵌套超过{MAX_DEPTH}层"
            )

    def shallower(self) -> None:
        """Leave a level of nesting."""
        self._depth -= 1

    def saved(self) -> tuple[int, int, int]:
        """What ``restore`` goes back to."""
        return self.place, self._depth, len(self.scopes)

    def restore(self, saved: tuple[int, int, int]) -> None:
        """Go back to try another reading."""
        place, self._depth, scopes = saved
        del self.scopes[scopes:]
        self.move(place)
