"""People, posts, units and other ids as words, for every page that shows what was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.urls import NoReverseMatch, reverse

from touchstone.identity.directory import Directory
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.standard.queries import post_titles

_SYSTEM: Mapping[str, Text] = {
    "setup": Text("系统·建立", "System, set-up"),
    "worker": Text("系统·自动处理", "System, worker"),
    "sweeper": Text("系统·计时", "System, clocks"),
    "simulation": Text("系统·模拟", "System, simulation"),
}


@dataclass(frozen=True)
class Naming:
    """Ids in words; an id that is not known stands for itself.

    Attributes:
        opens_customers: whether the reader may open a customer's page.
    """

    directory: Directory
    opens_customers: bool = False

    @cached_property
    def _posts(self) -> Mapping[str, Text]:
        return post_titles()

    def person(self, identity: str | None) -> Text:
        """A member of staff, a customer or a part of the system."""
        if not identity:
            return Text("—", "—")
        kind, colon, rest = identity.partition(":")
        if colon and kind == "system":
            return _SYSTEM.get(rest, Text(f"系统·{rest}", f"System, {rest}"))
        if colon and kind == "customer":
            return Text("客户", "Customer")
        known = self.directory.persons.get(identity)
        return known.name if known else Text(identity, identity)

    def unit(self, identity: str | None) -> Text:
        """A unit."""
        known = self.directory.units.get(identity or "")
        return known.name if known else Text(identity or "—", identity or "—")

    def course(self, identity: str | None) -> Text:
        """A training course of the standard in force."""
        known = catalogue().get("course", identity or "")
        if known is None:
            return Text(identity or "—", identity or "—")
        return Text.from_mapping(known.data["title"])

    def post(self, identity: str | None) -> Text:
        """A post, or several joined by ``|``."""
        titles = [self._posts.get(part, Text(part, part)) for part in (identity or "").split("|")]
        return Text("、".join(item.zh for item in titles), ", ".join(item.en for item in titles))

    def pool(self, pool: str) -> Text:
        """Who may take what lies in a pool: posts and unit."""
        group, _, unit = pool.rpartition("@")
        post, place = self.post(group), self.unit(unit)
        return Text(f"{place.zh}{post.zh}", f"{post.en}, {place.en}")


def page_of(name: str, *args: str) -> str | None:
    """The address of a page, or None where the house has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None
