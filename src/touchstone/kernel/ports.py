"""Ports: what a lower module asks of a higher one, with typed, named providers.

Providers register when the application starts. A port without a provider stops the start; it never
means yes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, NamedTuple, Protocol, TypeVar

from touchstone.kernel.refusal import Refusal

Provider = TypeVar("Provider")


class MissingProviderError(RuntimeError):
    """A port has no provider of the asked name: the installation is incomplete."""


class Port(Generic[Provider]):
    """A named set of providers of one protocol."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._providers: dict[str, Provider] = {}

    def provide(self, name: str, provider: Provider) -> None:
        """Register ``provider``; a name is taken once."""
        known = self._providers.setdefault(name, provider)
        assert known is provider, f"{self.name}: {name} is already provided"

    def get(self, name: str) -> Provider:
        """The provider called ``name``.

        Raises:
            MissingProviderError: nobody provides it.
        """
        try:
            return self._providers[name]
        except KeyError:
            raise MissingProviderError(f"{self.name}: nothing provides {name!r}") from None

    @contextmanager
    def stand_in(self, name: str, provider: Provider) -> Iterator[None]:
        """Let ``provider`` answer in place of the one called ``name``; for trials of content."""
        usual = self.get(name)
        self._providers[name] = provider
        try:
            yield
        finally:
            self._providers[name] = usual

    def sole(self) -> Provider:
        """The one provider there is.

        Raises:
            MissingProviderError: nobody provides it, or several do and it is not said who decides.
        """
        if len(self._providers) != 1:
            names = ", ".join(sorted(self._providers)) or "nothing"
            raise MissingProviderError(f"{self.name}: one provider is needed, there is {names}")
        return next(iter(self._providers.values()))

    def all(self) -> Mapping[str, Provider]:
        """Every provider by name, in order of name."""
        return dict(sorted(self._providers.items()))


class Demand(NamedTuple):
    """A person wants to take a task.

    Attributes:
        courses: ids of the courses that the step demands of whoever does it.
        day: the institution's day on which he would.
    """

    person: str
    procedure: str
    element: str
    courses: tuple[str, ...]
    day: dt.date


class Competence(Protocol):
    """May this person take this task, by what he has learned? Asked beside authority."""

    def lacking(self, demand: Demand) -> Refusal | None:
        """What he lacks; None where he lacks nothing."""
        ...


COMPETENCE: Port[Competence] = Port("competence")
