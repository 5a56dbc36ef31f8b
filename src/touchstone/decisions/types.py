"""Item definitions as kinds: what a value must be, and how one that nearly is becomes one.

DMN 1.5, 10.3.2.9.4: a value conforms, or becomes a list of one, or the one of a list, or the midnight
of a date; else it is null, with the reason. Allowed values are part of the type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from touchstone.decisions import model
from touchstone.kernel import feel
from touchstone.kernel.feel import syntax as tree

Test = Callable[[Any, feel.Run], bool]


class Mismatch(Exception):
    """A value is not of its type; the texts say why. Never leaves this package."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.chinese = chinese


@dataclass(slots=True)
class Kind:
    """A type with what its values must satisfy.

    Attributes:
        name: as the model calls it.
        type: its structure in FEEL.
        items: of what a list consists, where this is a list.
        members: of what a context consists.
        allowed: the test of each value, or of each item of a collection.
        allowed_text: that test as written.
        whole: the test of the value as a whole.
    """

    name: str
    type: feel.Type
    items: Kind | None = None
    members: Mapping[str, Kind] = field(default_factory=dict)
    allowed: Test | None = None
    allowed_text: model.Literal | None = None
    whole: Test | None = None
    result: Kind | None = None

    @property
    def free(self) -> bool:
        """Whether every value is of this kind."""
        return self.type is feel.ANY and self.allowed is None and self.whole is None

    @property
    def exact(self) -> Any:
        """The class whose values are all of this kind, where there is one and nothing more is asked."""
        if self.allowed is not None or self.whole is not None:
            return None
        return _EXACT.get(self.type)

    def fitting(self, value: Any, run: feel.Run) -> Any:
        """``value`` as one of this kind.

        Raises:
            Mismatch: it is none and cannot become one.
        """
        if value is None or self.free:
            return value
        reason = self._against(value, run)
        if reason is None:
            return value
        for other in self._nearly(value):
            if self._against(other, run) is None:
                return other
        raise reason

    def _nearly(self, value: Any) -> Iterable[Any]:
        if self.items is not None or self.type is feel.LIST:
            if not isinstance(value, list):
                yield [value]
        elif isinstance(value, list) and len(value) == 1:
            yield value[0]
        else:
            coerced = feel.coerce(value, self.type)
            if coerced is not None:
                yield coerced

    def _against(self, value: Any, run: feel.Run) -> Mismatch | None:
        """Why ``value`` is not of this kind, None where it is."""
        if value is None:
            return None
        if self.items is not None:
            if not isinstance(value, list):
                return self._is_none(value)
            for item in value:
                reason = self.items._against(item, run)  # noqa: SLF001 - of the same class
                if reason is not None:
                    return reason
        elif self.members:
            reason = self._members_against(value, run)
            if reason is not None:
                return reason
        elif not feel.conforms(value, self.type):
            return self._is_none(value)
        for test in (self.allowed, self.whole):
            if test is not None and not test(value, run):
                said = shown(value)
                return Mismatch(
                    f"not an allowed {self.name}: {said}", f"不在{self.name}的允许值之内：{said}"
                )
        return None

    def _is_none(self, value: Any) -> Mismatch:
        said = shown(value)
        return Mismatch(f"not a {self.name}: {said}", f"不是{self.name}：{said}")

    def _members_against(self, value: Any, run: feel.Run) -> Mismatch | None:
        if not isinstance(value, dict):
            return self._is_none(value)
        for name, kind in self.members.items():
            if name not in value:
                return Mismatch(
                    f"not a {self.name}: without {name}", f"不是{self.name}：缺少{name}"
                )
            reason = kind._against(value[name], run)  # noqa: SLF001 - of the same class
            if reason is not None:
                return reason
        return None

    def taken_in(self, value: Any) -> Any:
        """A host's value as a FEEL value; a text becomes the date, number or duration it is for.

        Raises:
            Mismatch: the host's value has no FEEL value of this kind.
        """
        if isinstance(value, float):
            value = Decimal(repr(value))
        if isinstance(value, Decimal) and not value.is_finite():
            raise Mismatch(f"{value} is not a number", f"{value}不是数")
        if isinstance(value, (list, tuple)):
            return [(self.items or self).taken_in(item) for item in value]
        if isinstance(value, Mapping):
            return {
                str(name): self.members.get(name, ANYTHING).taken_in(item)
                for name, item in value.items()
            }
        single = self.items if self.items is not None else self
        try:
            return feel.take_in(value, single.type)
        except feel.FeelError as error:
            try:
                return feel.take_in(value, feel.ANY)
            except feel.FeelError:
                raise Mismatch(str(error), error.chinese) from None


_EXACT: Mapping[feel.Type, type] = {feel.NUMBER: Decimal, feel.STRING: str, feel.BOOLEAN: bool}
ANYTHING = Kind("Any", feel.ANY)


def shown(value: Any) -> str:
    """A value for a reason, short."""
    text = str(feel.host(value))
    return text if len(text) <= 60 else f"{text[:57]}…"


class TypeBook:
    """The types of one model and of those it imports, resolved when first asked for.

    Args:
        definitions: the model.
        imports: the books of imported models by the name of the import.
        compiled: compiles the tests of allowed values, given the type of ``?``.
        note: notes that a type is unknown or defined by itself.
    """

    def __init__(
        self,
        definitions: model.Definitions,
        imports: Mapping[str, TypeBook],
        compiled: Callable[[model.Literal, feel.Type], Test | None],
        note: Callable[[model.Place, str, str, str], None],
    ) -> None:
        self.namespace = definitions.namespace
        self._items = {item.name: item for item in definitions.types}
        self._imports = imports
        self._compiled = compiled
        self._note = note
        self._known: dict[str, Kind] = {}
        self._open: set[str] = set()

    def kind(self, name: model.TypeName | None, place: model.Place) -> Kind:
        """The kind that ``name`` means; anything where it is None or not defined."""
        if name is None:
            return ANYTHING
        if name.namespace is None:
            return self._built_in(name, place)
        if name.namespace == self.namespace or name.namespace == "":
            return self._own(name.name, place)
        for book in self._imports.values():
            if book.namespace == name.namespace:
                return book.kind(name, place)
        return self._unknown(name, place)

    def names(self) -> Iterable[str]:
        """The types that this model defines."""
        return self._items

    def _built_in(self, name: model.TypeName, place: model.Place) -> Kind:
        found = feel.BY_NAME.get(name.name)
        if found is None and "<" in name.name:
            found = self._structure(name.name)
        if found is None:
            return self._unknown(name, place)
        return ANYTHING if found is feel.ANY else Kind(name.name, found)

    def _structure(self, text: str) -> feel.Type | None:
        """A type written out in FEEL, as ``list<number>``."""
        parsed = feel.parse(f"null instance of {text}", types=self.feel_types())
        return parsed.type if isinstance(parsed, tree.InstanceOf) else None

    def feel_types(self) -> dict[str, feel.Type]:
        """The structures of all types by the names that FEEL texts may use for them."""
        found = {name: kind.type for name, kind in self._known.items()}
        for prefix, book in self._imports.items():
            for name, kind in book.feel_types().items():
                found[f"{prefix}.{name}" if prefix else name] = kind
        return found

    def resolve(self) -> None:
        """Make every type of the model."""
        for item in self._items.values():
            self._own(item.name, item.place)

    def _own(self, name: str, place: model.Place) -> Kind:
        if name in self._known:
            return self._known[name]
        item = self._items.get(name)
        if item is None:
            for imported, book in self._imports.items():
                if imported and name.startswith(f"{imported}."):
                    inner = name[len(imported) + 1 :]
                    return book.kind(model.TypeName(inner, book.namespace), place)
                if not imported and name in book._items:  # noqa: SLF001 - of the same class
                    return book.kind(model.TypeName(name, book.namespace), place)
            return self._unknown(model.TypeName(name, None), place)
        if name in self._open:
            self._note(item.place, "type_cycle", f"the type {name} contains itself", "类型循环定义")
            return ANYTHING
        self._open.add(name)
        kind = self._made(item)
        self._open.discard(name)
        self._known[name] = kind
        return kind

    def _unknown(self, name: model.TypeName, place: model.Place) -> Kind:
        text = f"the type {name.name} is not defined"
        self._note(place, "unknown_type", text, f"类型{name.name}未定义")
        return ANYTHING

    def _made(self, item: model.ItemDefinition) -> Kind:
        single = self._single(item)
        allowed = self._tested(item.allowed, single.type)
        if allowed is not None:
            single = replace(
                single,
                name=item.name,
                allowed=_both(single.allowed, allowed),
                allowed_text=item.allowed,
            )
        kind = single
        if item.collection:
            kind = Kind(item.name, feel.ListOf(single.type), single)
        whole = self._tested(item.constraint, kind.type)
        if whole is not None:
            kind = replace(
                kind,
                name=item.name,
                allowed_text=kind.allowed_text or (None if item.collection else item.constraint),
                whole=_both(kind.whole, whole),
            )
        return kind

    def _tested(self, literal: model.Literal | None, of: feel.Type) -> Test | None:
        return None if literal is None else self._compiled(literal, of)

    def _single(self, item: model.ItemDefinition) -> Kind:
        if item.function is not None:
            parameters, result = item.function
            made = self.kind(result, item.place)
            listed = tuple(
                (part.name, self.kind(part.type, item.place).type) for part in parameters
            )
            return Kind(item.name, feel.FunctionOf(listed, made.type), result=made)
        if item.components:
            members = {part.name: self._made(part) for part in item.components}
            structure = {name: kind.type for name, kind in members.items()}
            return Kind(item.name, feel.ContextOf(structure), members=members)
        base = self.kind(item.base, item.place)
        if base is ANYTHING:
            return base
        return Kind(
            item.name,
            base.type,
            base.items,
            base.members,
            base.allowed,
            base.allowed_text,
            base.whole,
            base.result,
        )


def _both(first: Test | None, second: Test) -> Test:
    if first is None:
        return second
    return lambda value, run: first(value, run) and second(value, run)
