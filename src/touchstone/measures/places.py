"""Which branch a unit belongs to, for sums over a branch and its outlets. Pure."""

from __future__ import annotations

from touchstone.identity.directory import Directory


def branches_of(people: Directory) -> dict[str, str]:
    """Unit -> the branch above it, or that it is."""
    return {
        below: unit.id
        for unit in people.units.values()
        if unit.level == "branch"
        for below in people.under(unit.id)
    }
