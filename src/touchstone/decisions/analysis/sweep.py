"""The hyper-rectangles of a table: where no rule applies, and every set of rules that apply together.

Column by column, only the rules still alive are followed, and a column is entered once for each set
of them: the cost follows how much rules overlap, not the product of the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from touchstone.decisions.analysis.domains import Domain

Box = tuple[tuple[int, int], ...]
"""For each column the first and last part."""
Leaf = Callable[[int, Box], None]
MAX_WORK = 4_000_000
"""Steps of one sweep: some seconds."""
MAX_BOXES = 500


class TooComplex(Exception):
    """The sweep would take too long; nothing is claimed about the table."""


class Sweep:
    """One table's space.

    Args:
        domains: its columns.
        rows: how many rows of cells each domain has.
    """

    def __init__(self, domains: Sequence[Domain], rows: int) -> None:
        self.domains = domains
        self.everyone = (1 << rows) - 1
        self._work = 0
        self._known: dict[tuple[int, int], list[tuple[int, int, int]]] = {}

    def segments(self, column: int, alive: int) -> list[tuple[int, int, int]]:
        """The column cut for the rows alive: first part, last part, rows that go on.

        Raises:
            TooComplex: there are too many.
        """
        key = (column, alive)
        if key not in self._known:
            found = self._cut(self.domains[column], alive)
            self._worked(len(found) + 2 * alive.bit_count())
            self._known[key] = found
        return self._known[key]

    def _worked(self, steps: int) -> None:
        self._work += steps
        if self._work > MAX_WORK:
            raise TooComplex

    @staticmethod
    def _cut(domain: Domain, alive: int) -> list[tuple[int, int, int]]:
        flips: dict[int, int] = {}
        rest = alive
        while rest:
            bit = rest & -rest
            rest ^= bit
            for first, last in domain.runs[bit.bit_length() - 1]:
                flips[first] = flips.get(first, 0) ^ bit
                flips[last + 1] = flips.get(last + 1, 0) ^ bit
        end = len(domain.parts)
        found: list[tuple[int, int, int]] = []
        now, start = 0, 0
        for place in sorted(flips):
            if flips[place] == 0 or place >= end:
                continue
            if place > start:
                found.append((start, place - 1, now))
            now ^= flips[place]
            start = place
        if start < end:
            found.append((start, end - 1, now))
        return found

    def uncovered(self, covering: int) -> list[Box]:
        """The boxes in which none of the ``covering`` rows applies, neighbours joined."""
        known: dict[tuple[int, int], list[Box]] = {}

        def below(column: int, alive: int) -> list[Box]:
            if not alive:
                whole = [(0, len(domain.parts) - 1) for domain in self.domains[column:]]
                return [tuple(whole)]
            if column == len(self.domains):
                return []
            key = (column, alive)
            if key not in known:
                known[key] = _joined(
                    (first, last, below(column + 1, rows))
                    for first, last, rows in self.segments(column, alive)
                )
            return known[key]

        if any(not domain.parts for domain in self.domains):
            return []
        return below(0, covering)[:MAX_BOXES]

    def leaves(self, visit: Leaf, final: int = 0) -> None:
        """Call ``visit`` once for every set of rows that apply together, with one box where they do.

        Args:
            final: rows after which no other counts, as in a table that takes the first; what comes
                after one that accepts all that is left is not followed.

        Raises:
            TooComplex: there are too many.
        """
        seen: set[tuple[int, int]] = set()
        accepting = self._accepting(final)

        def enter(column: int, alive: int, box: Box) -> None:
            ends = alive & accepting[column]
            if ends:
                alive &= ((ends & -ends) << 1) - 1
            key = (column, alive)
            if key in seen or not alive:
                return
            seen.add(key)
            self._worked(5)
            if column == len(self.domains):
                visit(alive, box)
                return
            for first, last, rows in self.segments(column, alive):
                enter(column + 1, rows, (*box, (first, last)))

        enter(0, self.everyone, ())

    def _accepting(self, rows: int) -> list[int]:
        """For each column which of ``rows`` accept everything from there on."""
        found = [rows]
        for domain in reversed(self.domains):
            whole = [(0, len(domain.parts) - 1)]
            full = sum(1 << row for row, runs in enumerate(domain.runs) if runs == whole)
            found.append(found[-1] & full)
        return found[::-1]

    def lines(self, visit: Callable[[Box, list[tuple[int, int, int]]], None]) -> None:
        """Call ``visit`` with the segments of the last column for every box of the others."""
        seen: set[tuple[int, int]] = set()
        last_column = len(self.domains) - 1

        def enter(column: int, alive: int, box: Box) -> None:
            key = (column, alive)
            if key in seen or not alive:
                return
            seen.add(key)
            found = self.segments(column, alive)
            if column == last_column:
                visit(box, found)
                return
            for first, last, rows in found:
                enter(column + 1, rows, (*box, (first, last)))

        enter(0, self.everyone, ())


def _joined(found: object) -> list[Box]:
    """Boxes of a column and those below it; runs that touch and go on alike become one."""
    boxes: list[Box] = []
    open_boxes: dict[Box, int] = {}
    for first, last, suffixes in found:  # type: ignore[attr-defined]
        for suffix in suffixes:
            place = open_boxes.get(suffix)
            if place is not None and boxes[place][0][1] == first - 1:
                boxes[place] = ((boxes[place][0][0], last), *suffix)
                continue
            open_boxes[suffix] = len(boxes)
            boxes.append(((first, last), *suffix))
            if len(boxes) > MAX_BOXES:
                return boxes
    return boxes
