"""Pages of a list that the database cuts: only one page is read, the count stops early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.web.request import PageRequest

SIZE = 50


@dataclass(frozen=True, slots=True)
class Paginator:
    """How many pages there are."""

    num_pages: int


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, in the words of Django's own."""

    rows: Sequence[Any]
    number: int
    count: int
    paginator: Paginator

    @property
    def has_other_pages(self) -> bool:
        """Whether there is more than this page."""
        return self.paginator.num_pages > 1

    @property
    def has_previous(self) -> bool:
        """Whether a page comes before."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """Whether a page comes after."""
        return self.number < self.paginator.num_pages

    @property
    def previous_page_number(self) -> int:
        """The page before."""
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        """The page after."""
        return self.number + 1


def page_number(request: PageRequest) -> int:
    """The page the address asks for; 1 where it asks for nonsense."""
    text = request.GET.get("page", "1")
    return min(max(1, int(text)), 100_000) if text.isascii() and text.isdigit() else 1


def page_of(rows: Sequence[Any], number: int, count: int, size: int = SIZE) -> ListPage:
    """The page ``number`` that ``rows`` are, of ``count`` rows altogether."""
    return ListPage(rows, number, count, Paginator(max(1, -(-count // size))))
