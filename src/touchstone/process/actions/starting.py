"""A step that begins another procedure and does not wait for its end."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.cases import start_case
from touchstone.process.deployment import deployment
from touchstone.process.ports import Request
from touchstone.process.store import load_case


def start_procedure(context: ActContext, request: Request) -> Mapping[str, Any]:
    """The handler ``start_procedure``: begin what the step's ``starts`` says, once, by today's standard.

    Both cases know of each other: the new one by its origin, this one by ``process.begun``.
    """
    known: list[int] = []

    def look(unit: UnitOfWork) -> None:
        known.append(load_case(unit, request.case).case["content"])

    perform("process.look", context.with_key(None), look)
    deployed = deployment(known[0], request.procedure)
    link = deployed.procedure.steps[request.element].starts
    assert link is not None, request.element
    values = {
        name: found.value
        for name, text in link.values.items()
        if (
            found := deployed.start_expressions[text].evaluate(
                request.variables, now=context.clock.now()
            )
        ).value
        is not None
    }
    own = {link.key: request.case} if link.key else {}
    unit = request.unit
    if link.unit != "case":
        unit = directory().ancestor(unit, link.unit)
    slug = slug_of(link.procedure)
    case = start_case(
        context.with_key(f"{request.key}:begun"),
        slug,
        unit=unit,
        values={**values, **own},
        origin=ObjectRef("case", request.case, "origin"),
    )

    def work(act: UnitOfWork) -> None:
        loaded = load_case(act, request.case)
        data = {
            "element": request.element,
            "procedure": link.procedure,
            "case": case,
            "number": load_case(act, case).case["number"],
        }
        act.record(loaded.stream, Fact("process.begun", data, (ObjectRef("case", case, "begun"),)))

    with suppress(AlreadyDone):
        perform("process.note_begun", context, work)
    return own


def slug_of(number: str) -> str:
    """The procedure with a number, by its name in the standard in force.

    Raises:
        LookupError: there is none; the lint of a pack sees to it.
    """
    for slug, item in catalogue().objects("procedure").items():
        if item.data["id"] == number:
            return slug
    raise LookupError(number)
