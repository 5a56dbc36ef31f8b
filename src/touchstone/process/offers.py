"""What one person can do now with the open tasks of one case, and why not, where not.

Only tells: the act itself judges again, inside its transaction.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from django.db import connection

from touchstone.identity.authority import may
from touchstone.identity.directory import Directory
from touchstone.journal.projections import Values
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import day_of
from touchstone.process.access import check_competence, split_pool, standing_for
from touchstone.process.deployment import Deployment
from touchstone.process.folds import TASKS
from touchstone.process.procedure import Control, Step
from touchstone.process.separation import check_separation

Act = Literal[
    "claim",
    "complete",
    "release",
    "transfer",
    "delegate",
    "resolve",
    "recall",
    "add_signer",
    "send_back",
    "take_back",
    "release_hold",
    "break_glass",
]


@dataclass(frozen=True, slots=True)
class Offer:
    """One task of a case as one person meets it.

    Attributes:
        acts: what he may do now; the act itself decides.
        refusal: why he may not complete it, where he may not.
        colleagues: who else may take it today, for handing it over.
        held_for: the post that a hold waits for.
        held_by: the control that holds it.
    """

    task: Values
    step: Step
    acts: frozenset[Act]
    refusal: Refusal | None
    colleagues: tuple[str, ...]
    held_by: Control | None

    @property
    def may_complete(self) -> bool:
        """Whether the form is his to fill in now."""
        return "complete" in self.acts


def offers_for(
    case: Values, deployed: Deployment, directory: Directory, person: str, now: dt.datetime
) -> tuple[Offer, ...]:
    """The case's tasks that wait, in the order in which they opened, then what he may take back."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{TASKS.select} WHERE case_id = %s ORDER BY opened_at, id",
            (case["id"],),
        )
        rows = [TASKS.decode(row) for row in cursor.fetchall()]
    day = day_of(now)
    waiting = [row for row in rows if row["state"] in ("open", "claimed", "held")]
    found = [_offer(row, case, deployed, directory, person, day) for row in waiting]
    done = [row for row in rows if row["state"] == "completed" and row["done_by"] == person]
    if done and waiting and all(row["state"] == "open" for row in waiting):
        last = done[-1]
        if all(row["opened_at"] >= last["closed_at"] for row in waiting):
            step = deployed.procedure.steps[last["element"]]
            found.append(Offer(last, step, frozenset({"take_back"}), None, (), None))
    return tuple(found)


def _offer(
    row: Values,
    case: Values,
    deployed: Deployment,
    directory: Directory,
    person: str,
    day: dt.date,
) -> Offer:
    procedure = deployed.procedure
    step = procedure.steps[row["element"]]
    posts, place = split_pool(row["pool"])
    colleagues = tuple(item for item in directory.holders(posts, place, day) if item != person)
    acts: set[Act] = set()
    if row["state"] == "held":
        control = next(item for item in procedure.controls if item.id == row["held"]["control"])
        places = directory.chain(place)
        if person not in row["held"]["by"] and any(
            directory.standing(person, [row["held"]["post"]], item, day) for item in places
        ):
            acts.add("release_hold")
        return Offer(row, step, frozenset(acts), None, colleagues, control)
    refusal = _refusal(row, case, deployed, directory, person, day)
    if refusal is None:
        acts |= _open_acts(row, step, person)
    elif refusal.code == "process.not_permitted" and may(
        directory, person, "process.break_glass", day, unit=case["unit"]
    ):
        acts.add("break_glass")
    if row["owner"] == person and row["claimed_by"] != person:
        acts.add("recall")
    return Offer(row, step, frozenset(acts), refusal, colleagues, None)


def _refusal(
    row: Values,
    case: Values,
    deployed: Deployment,
    directory: Directory,
    person: str,
    day: dt.date,
) -> Refusal | None:
    procedure, element = deployed.procedure, row["element"]
    try:
        standing = standing_for(directory, person, row, procedure.steps[element].title, day)
        check_competence(procedure, element, person, day)
    except Refusal as refusal:
        return check_separation(procedure, element, [person], case["actors"]) or refusal
    return check_separation(procedure, element, standing.persons, case["actors"])


def _open_acts(row: Values, step: Step, person: str) -> set[Act]:
    is_mine = row["claimed_by"] == person
    if row["owner"] is not None:
        return {"resolve"} if is_mine else set()
    acts: set[Act] = {"complete"}
    if step.back_to:
        acts.add("send_back")
    if row["signers"] is not None or step.signing.mode != "one":
        acts.add("add_signer")
    if is_mine:
        acts |= {"release", "transfer", "delegate", "add_signer"}
    elif row["claimed_by"] is None:
        acts.add("claim")
    return acts
