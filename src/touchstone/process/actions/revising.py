"""What an approved revision changes by itself: one parameter, from its effective day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from touchstone.clocks.backtesting import backtest
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import day_of
from touchstone.packs.amending import amended_overlay
from touchstone.packs.apply import apply_overlay
from touchstone.packs.catalogue import catalogue
from touchstone.process.ports import HandlerFailed, Request
from touchstone.process.queries import last_done_by
from touchstone.process.store import load_case
from touchstone.standard.parameters import parameter

NAMED, PROPOSED, EFFECTIVE = "change_parameter", "proposed_value", "effective_from"
WINDOW = "revision.backtest_window"
# The step that puts a revision in force: whoever did it is the one who applies it.
_RELEASE = "release"


def check_change(context: ActContext, request: Request) -> Mapping[str, Any]:
    """The handler ``check_change``: whether the change can go in force, and what it would have done.

    A revision without a parameter always fits. A time limit is tried on the clocks of the window that
    the standard sets (DOC-08).
    """
    named, written = request.variables.get(NAMED), request.variables.get(PROPOSED)
    nothing = {"trial_clocks": None, "trial_late": None, "trial_would_be_late": None}
    if not named:
        return {"change_fits": True, **nothing}
    today = day_of(context.clock.now())
    try:
        amended_overlay(catalogue(), named, dt.date.max, str(written or ""), "draft")
    except Refusal:
        return {"change_fits": False, **nothing}
    if parameter(named).unit != "limit":
        return {"change_fits": True, **nothing}
    first = today - dt.timedelta(days=int(parameter(WINDOW).value_on(today)))
    found = backtest(named, str(written), first, today, now=context.clock.now())
    return {
        "change_fits": True,
        "trial_clocks": len(found.tried),
        "trial_late": found.late,
        "trial_would_be_late": found.would_be_late,
    }


def apply_change(context: ActContext, request: Request) -> Mapping[str, Any]:
    """The handler ``apply_change``: the parameter's new value in force from the effective day on.

    One more version of the standard, applied by whoever released the revision: cases that begin later
    bind to it, running ones keep theirs. Doing it again changes nothing.
    """
    named = request.variables.get(NAMED)
    if not named:
        return {}
    number, releaser = _released(context, request)
    effective = request.variables.get(EFFECTIVE)
    day = dt.date.fromisoformat(str(effective)) if effective else day_of(context.clock.now())
    try:
        overlay = amended_overlay(catalogue(), named, day, str(request.variables[PROPOSED]), number)
        apply_overlay(replace(context, actor=releaser), overlay)
    except Refusal as refusal:
        raise HandlerFailed(f"{refusal.code}: {refusal.text.en}") from refusal
    return {}


def _released(context: ActContext, request: Request) -> tuple[str, str]:
    """The case's number, and who released it."""
    numbers: list[str] = []

    def look(unit: UnitOfWork) -> None:
        numbers.append(load_case(unit, request.case).case["number"])

    perform("process.look", context.with_key(None), look)
    releaser = last_done_by(request.case, _RELEASE)
    if releaser is None:
        raise HandlerFailed("nobody has released the revision")
    return numbers[0], releaser
