"""Messages that a case waits for: who may bring them, and what comes with them. Pure but for the rows.

A procedure says under ``messages`` which posts and systems may bring each, by what form, and with what
papers; its stages say which of them the customer is asked for himself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from touchstone.identity.directory import Directory
from touchstone.journal.projections import Values
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of, from_microseconds
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.forms import Form
from touchstone.process.procedure import Message, Papers
from touchstone.process.taking import check_taken

MOST_PAPERS = 10
_WAITS = (
    "SELECT element, name, opened_at FROM process_wait WHERE case_id = %s"
    " AND kind IN ('message', 'receive') AND name IS NOT NULL ORDER BY opened_at, id"
)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message that a case waits for and that the person may bring.

    Attributes:
        case: the case that waits: this one, or one it called.
        asked: what the customer is asked for, in the words he reads, where he is.
    """

    case: str
    name: str
    element: str
    since: dt.datetime
    asked: Text | None
    form: Form | None
    papers: Papers


def may_bring(current: Directory, message: Message, actor: str, unit: str, day: dt.date) -> bool:
    """Whether a member of staff or a system may bring ``message`` to a case of ``unit``."""
    if actor.startswith("system:"):
        return actor in message.systems
    return bool(message.posts) and any(
        current.standing(actor, message.posts, place, day) for place in current.chain(unit)
    )


def awaited(
    cases: Sequence[Values], current: Directory, person: str, now: dt.datetime
) -> tuple[Awaited, ...]:
    """What ``cases`` wait for and ``person`` may bring now, each message of a case once."""
    found: dict[tuple[str, str], Awaited] = {}
    for row in cases:
        deployed = deployment(row["content"], row["procedure"])
        if row["state"] != "open" or not deployed.procedure.messages:
            continue
        with connection.cursor() as cursor:
            cursor.execute(_WAITS, (row["id"],))
            waits = cursor.fetchall()
        for element, name, opened_at in waits:
            message = deployed.procedure.messages.get(name)
            if message and may_bring(current, message, person, row["unit"], day_of(now)):
                item = Awaited(
                    row["id"],
                    name,
                    element,
                    from_microseconds(opened_at),
                    asked_at(deployed, element),
                    form_of(deployed, message),
                    message.papers,
                )
                found.setdefault((row["id"], name), item)
    return tuple(found.values())


def asked_at(deployed: Deployment, element: str) -> Text | None:
    """What the customer is asked for where the case rests at ``element``."""
    stages = deployed.procedure.stages
    return next((stage.asks[element] for stage in stages if element in stage.asks), None)


def form_of(deployed: Deployment, message: Message | None) -> Form | None:
    """The form by which people bring it."""
    return deployed.forms.get(message.form) if message and message.form else None


def check_brought(
    deployed: Deployment,
    message: Message,
    values: Mapping[str, Any],
    papers: Sequence[str],
    *,
    by_customer: bool,
) -> None:
    """Return when ``values`` and ``papers`` are what the message takes.

    Papers that are needed a customer uploads; staff may have seen the originals instead.

    Raises:
        Refusal: ``process.values_not_taken``, ``process.form_invalid``, ``process.papers_needed``.
    """
    check_taken(values, message.carries, deployed.procedure.variables)
    form = form_of(deployed, message)
    if form is not None and (refusal := form.check(values)):
        raise refusal
    least = 1 if message.papers == "needed" and by_customer else 0
    most = 0 if message.papers == "none" else MOST_PAPERS
    if least <= len(papers) <= most:
        return
    if most == 0:
        raise refuse("process.no_papers_here", "此处不接收材料", "No papers are taken here")
    raise refuse(
        "process.papers_needed",
        f"请上传 {least} 至 {most} 份材料",
        f"Upload {least} to {most} papers",
        remedy_zh="无法上传的，可以带到受理网点",
        remedy_en="What you cannot upload you may bring to the outlet",
    )
