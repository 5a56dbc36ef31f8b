"""Two versions of a decision beside each other: rows added, changed, moved and removed, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from touchstone.decisions.content import ContentDecision
from touchstone.decisions.differing import RowChange, TableChange, differences
from touchstone.decisions.dmn import read_definitions
from touchstone.decisions.model import Definitions
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import AppliedVersion, applied_versions, catalogue
from touchstone.process.decisions import decisions_of
from touchstone.web.decisions.tables import CellView, RowView, TableView
from touchstone.web.request import PageRequest

HOW: Mapping[str, Text] = {
    "same": Text("未变", "Same"),
    "changed": Text("修改", "Changed"),
    "added": Text("新增", "Added"),
    "removed": Text("删除", "Removed"),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One row before and after; cells that read otherwise are marked."""

    how: str
    is_moved: bool
    before: RowView | None
    after: RowView | None

    @property
    def told(self) -> Text:
        """What happened to it."""
        return HOW[self.how]


@dataclass(frozen=True, slots=True)
class TableComparison:
    """One table in both versions, in the columns of the later one where it has them."""

    table: TableView
    pairs: tuple[Pair, ...]
    is_recut: bool

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows of each kind."""
        return {how: sum(pair.how == how for pair in self.pairs) for how in HOW}

    @property
    def moved(self) -> int:
        """How many rows stand elsewhere."""
        return sum(pair.is_moved for pair in self.pairs)

    @property
    def is_same(self) -> bool:
        """Whether both read alike."""
        return not self.is_recut and all(p.how == "same" and not p.is_moved for p in self.pairs)


def compared(
    before: tuple[bytes, tuple[TableView, ...]], after: tuple[bytes, tuple[TableView, ...]]
) -> tuple[TableComparison, ...]:
    """Every table of two files, each with its tables as they read."""
    old, new = read_definitions(before[0], ""), read_definitions(after[0], "")
    if not isinstance(old, Definitions) or not isinstance(new, Definitions):
        return ()
    views = {view.id: view for view in before[1]}, {view.id: view for view in after[1]}
    found = []
    for change in differences(old, new):
        earlier, later = views[0].get(change.id), views[1].get(change.id)
        shown = later or earlier
        if shown is not None:
            found.append(_table(change, shown, earlier, later))
    return tuple(found)


def _table(
    change: TableChange, shown: TableView, earlier: TableView | None, later: TableView | None
) -> TableComparison:
    pairs = tuple(_pair(row, earlier, later, change.is_recut) for row in change.rows)
    return TableComparison(shown, pairs, change.is_recut)


def _pair(
    row: RowChange, earlier: TableView | None, later: TableView | None, is_recut: bool
) -> Pair:
    before = earlier.rows[row.before] if earlier and row.before is not None else None
    after = later.rows[row.after] if later and row.after is not None else None
    how: str = row.how
    if before and after and not is_recut:
        before, after = _marked(before, after), _marked(after, before)
        # A threshold that has another value reads otherwise though the cell names the same parameter.
        if how == "same" and any(cell.is_changed for cell in (*after.conditions, *after.results)):
            how = "changed"
    return Pair(how, row.is_moved, before, after)


def _marked(row: RowView, other: RowView) -> RowView:
    return replace(
        row,
        conditions=_cells(row.conditions, other.conditions),
        results=_cells(row.results, other.results),
    )


def _cells(cells: tuple[CellView, ...], others: tuple[CellView, ...]) -> tuple[CellView, ...]:
    return tuple(
        replace(cell, is_changed=(cell.words, cell.written) != (other.words, other.written))
        for cell, other in zip(cells, others, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of the standard that have the decision, and the two that are compared."""

    known: tuple[AppliedVersion, ...]
    before: int | None
    after: int | None


def chosen_versions(request: PageRequest, identity: str) -> Versions:
    """The two versions that the address names; by default the latest, and the last that read otherwise."""
    known = tuple(item for item in applied_versions() if identity in decisions_of(item.version))
    numbers = [item.version for item in known]
    after = _asked(request, "after", numbers) or (numbers[0] if numbers else None)
    earlier = [number for number in numbers if after is not None and number < after]
    differing = [n for n in earlier if _mark(n, identity) != _mark(after or 0, identity)]
    default = next(iter(differing), next(iter(earlier), None))
    return Versions(known, _asked(request, "before", numbers) or default, after)


def _mark(version: int, identity: str) -> tuple[object, ...]:
    decision = decisions_of(version)[identity]
    return decision.sha256, tuple(sorted((n, p.values) for n, p in decision.known.items()))


def _asked(request: PageRequest, name: str, numbers: list[int]) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) in numbers else None


def decision_at(version: int | None, identity: str) -> ContentDecision | None:
    """A decision as it was at a version."""
    return decisions_of(catalogue(version).version).get(identity) if version else None
