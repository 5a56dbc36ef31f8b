"""People as lists and pages show them, and what a visitor may do about each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from touchstone.identity.accounts import Account, accounts_of
from touchstone.identity.directory import Deputy, Holding, Person
from touchstone.kernel.text import Text
from touchstone.web.naming import Naming
from touchstone.web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of a list."""

    person: Person
    posts: tuple[Text, ...]
    account: Account | None
    is_here: bool


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """One post held, now or at another time."""

    holding: Holding
    post: Text
    unit: Text
    is_now: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class DeputyRow:
    """One deputyship, seen from one of the two."""

    deputy: Deputy
    other: Text
    is_now: bool
    is_over: bool


@dataclass(frozen=True)
class PersonPanel:
    """One person with everything the directory says of him."""

    person: Person
    is_here: bool
    holdings: tuple[HoldingRow, ...]
    stood_in_by: tuple[DeputyRow, ...]
    stands_in_for: tuple[DeputyRow, ...]
    account: Account | None


def wanted_people(visitor: Visitor, words: str, unit: str, post: str) -> list[Person]:
    """People by id or name, unit and post, in order of id."""
    known, day = visitor.directory, visitor.day
    folded = words.casefold()
    found = []
    for person in sorted(known.persons.values(), key=lambda item: item.id):
        if folded and not (
            folded in person.id.casefold()
            or folded in person.name.zh.casefold()
            or folded in person.name.en.casefold()
        ):
            continue
        if unit or post:
            held = known.posts_of(person.id, day)
            if not any(unit in ("", item.unit) and post in ("", item.post) for item in held):
                continue
        found.append(person)
    return found


def person_rows(people: list[Person], visitor: Visitor) -> tuple[PersonRow, ...]:
    """Rows in the order given; one query finds all their accounts."""
    naming, known, day = Naming(visitor.directory), visitor.directory, visitor.day
    accounts = accounts_of(person.id for person in people)
    return tuple(
        PersonRow(
            person,
            tuple(
                naming.pool(f"{item.post}@{item.unit}") for item in known.posts_of(person.id, day)
            ),
            accounts.get(person.id),
            known.is_here(person.id, day),
        )
        for person in people
    )


def person_panel(visitor: Visitor, identity: str) -> PersonPanel:
    """One person, who is in the directory."""
    known, day, naming = visitor.directory, visitor.day, Naming(visitor.directory)
    held = [item for item in known.holdings if item.person == identity]
    return PersonPanel(
        known.persons[identity],
        known.is_here(identity, day),
        tuple(
            HoldingRow(
                item,
                naming.post(item.post),
                naming.unit(item.unit),
                item.holds_on(day),
                item.to_day is not None and item.to_day < day,
            )
            for item in sorted(held, key=lambda one: one.from_day, reverse=True)
        ),
        tuple(
            _deputy(item, item.deputy, naming, day)
            for item in known.deputies
            if item.person == identity
        ),
        tuple(
            _deputy(item, item.person, naming, day)
            for item in known.deputies
            if item.deputy == identity
        ),
        accounts_of([identity]).get(identity),
    )


def _deputy(item: Deputy, other: str, naming: Naming, day: dt.date) -> DeputyRow:
    return DeputyRow(
        item, naming.person(other), item.from_day <= day <= item.to_day, item.to_day < day
    )
