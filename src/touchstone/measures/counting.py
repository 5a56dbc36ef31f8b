"""What a template counted: the very items, and their sums for each scope. Pure.

A value and its drill-down come from the same items, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from touchstone.measures.history import CaseHistory, EntryHistory

INSTITUTION = "institution"
# Case variables and fields of registers that name a scope.
_NAMED = ("channel", "product")


@dataclass(frozen=True, slots=True)
class Count:
    """A result; ``excluded`` counts what a filter could not judge."""

    numerator: int
    denominator: int
    excluded: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """The case or entry that an item comes from, and where in the institution it belongs."""

    stream: str
    unit: str | None = None
    channel: str | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing counted.

    Attributes:
        subject: what it is: a case, an entry, a customer, a clause; counted once where the
            template counts distinct things.
        what: the clock, control, step or register it is about.
        position: row of the origin's stream that decided it.
        reason: code of why it counts or does not (``reasons.REASONS``).
        is_judged: False where a filter gave neither true nor false; it is then only excluded.
    """

    subject: str
    origin: Origin
    what: str
    position: int
    at: int
    numerator: int
    denominator: int
    reason: str
    is_judged: bool = True


@dataclass(frozen=True, slots=True)
class Counted:
    """Every item of an indicator in a window.

    Attributes:
        is_distinct: whether a subject counts once, however often it occurs.
    """

    items: tuple[Item, ...]
    is_distinct: bool = False

    def total(self) -> Count:
        """The sums over everything."""
        return _count(self.items, self.is_distinct)

    def by_scope(
        self, kinds: Sequence[str], branches: Mapping[str, str] | None = None
    ) -> dict[str, Count]:
        """Scope -> sums, the institution first; ``branches`` maps a unit to the branch above it.

        A scope that nothing is counted in is left out.
        """
        parts: dict[str, list[Item]] = {}
        for item in self.items:
            for scope in scopes_of(item.origin, kinds, branches or {}):
                parts.setdefault(scope, []).append(item)
        found = {scope: _count(parts[scope], self.is_distinct) for scope in sorted(parts)}
        return {
            INSTITUTION: self.total(),
            **{scope: count for scope, count in found.items() if count.denominator},
        }


def scopes_of(origin: Origin, kinds: Sequence[str], branches: Mapping[str, str]) -> Iterable[str]:
    """The scopes below the institution that something of ``origin`` is counted in."""
    if "unit" in kinds and origin.unit is not None:
        yield f"unit:{origin.unit}"
        if origin.unit in branches:
            yield f"branch:{branches[origin.unit]}"
    if "channel" in kinds and origin.channel is not None:
        yield f"channel:{origin.channel}"
    if "product" in kinds and origin.product is not None:
        yield f"product:{origin.product}"


def origin_of(source: CaseHistory | EntryHistory) -> Origin:
    """Where a case or an entry belongs."""
    if isinstance(source, CaseHistory):
        stream, open_values = f"case:{source.id}", source.variables
    else:
        stream, open_values = f"entry:{source.id}", dict(source.values)
    named = [open_values.get(name) for name in _NAMED]
    return Origin(
        stream, source.unit, *(value if isinstance(value, str) else None for value in named)
    )


def _count(items: Iterable[Item], is_distinct: bool) -> Count:
    judged = [item for item in items if item.is_judged]
    others = [item for item in items if not item.is_judged]
    if not is_distinct:
        return Count(
            sum(item.numerator for item in judged),
            sum(item.denominator for item in judged),
            len(others),
        )
    wanted = {item.subject for item in judged if item.denominator}
    having = {item.subject for item in judged if item.numerator}
    return Count(len(having), len(wanted), len({item.subject for item in others} - wanted))
