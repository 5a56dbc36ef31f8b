"""What differs between two applied versions of the standard, clause by clause: wording and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from touchstone.kernel.parameters import DatedValue, Parameter
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.standard.parameters import parameters
from touchstone.standard.queries import Clause, clauses

How = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """One number before and after; None where it was not there, or is no more."""

    id: str
    title: Text
    unit: str
    how: How
    before: tuple[DatedValue, ...] | None
    after: tuple[DatedValue, ...] | None


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause before and after.

    Attributes:
        is_reworded: whether title or text differ in either language.
        facts: names of its other facts that differ (``owner``, ``exempt`` …).
        parameters: its numbers that changed.
    """

    id: str
    how: How
    before: Clause | None
    after: Clause | None
    is_reworded: bool
    facts: tuple[str, ...]
    parameters: tuple[ParameterChange, ...]


_FACTS = ("kind", "owner", "sources", "exempt", "evidence", "settled", "regulation", "section")


def differences(before: int, after: int) -> tuple[ClauseChange, ...]:
    """Every clause that differs between two versions, in order of id.

    Raises:
        Refusal: ``packs.no_such_version``.
    """
    old, new = clauses(catalogue(before).version), clauses(catalogue(after).version)
    numbers = _parameter_changes(
        parameters(catalogue(before).version), parameters(catalogue(after).version)
    )
    found = []
    for identity in sorted(old.keys() | new.keys() | numbers.keys()):
        was, now = old.get(identity), new.get(identity)
        changed = numbers.get(identity, ())
        is_reworded = bool(was and now and (was.title, was.text) != (now.title, now.text))
        facts = (
            tuple(name for name in _FACTS if getattr(was, name) != getattr(now, name))
            if was and now
            else ()
        )
        if was and now and not (is_reworded or facts or changed):
            continue
        how: How = "changed" if was and now else "added" if now else "removed"
        found.append(ClauseChange(identity, how, was, now, is_reworded, facts, changed))
    return tuple(found)


def _parameter_changes(
    old: Mapping[str, Parameter], new: Mapping[str, Parameter]
) -> dict[str, tuple[ParameterChange, ...]]:
    """Clause -> its numbers that differ; a number that moved counts at the clause it is at now."""
    found: dict[str, list[ParameterChange]] = {}
    for identity in sorted(old.keys() | new.keys()):
        was, now = old.get(identity), new.get(identity)
        if was == now:
            continue
        known = now or was
        assert known is not None
        how: How = "changed" if was and now else "added" if now else "removed"
        found.setdefault(known.clause, []).append(
            ParameterChange(
                identity,
                known.title,
                known.unit,
                how,
                was.values if was else None,
                now.values if now else None,
            )
        )
    return {clause: tuple(items) for clause, items in found.items()}
