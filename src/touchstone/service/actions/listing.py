"""Queuing the morning and the weekly list: once for each reader and working day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from touchstone.clocks.queries import calendar
from touchstone.identity.directory import Directory
from touchstone.identity.queries import directory
from touchstone.journal.reading import head_position
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE
from touchstone.packs.catalogue import Catalogue, catalogue
from touchstone.service.actions.queuing import Draft, queue_within
from touchstone.service.letter_store import letters_for
from touchstone.service.letters import Letter
from touchstone.service.lists import Line, MorningList, WeeklyList, morning_lists, weekly_list
from touchstone.service.recipients import Recipient
from touchstone.service.values import day_text, moment_text
from touchstone.standard.parameters import parameters

MORNING_TIME = "messages.morning_time"
_MORNING = dt.time(8)
_NOTHING = Text("无", "none")


def queue_lists(context: ActContext) -> int:
    """Queue today's lists when it is time; how many were queued. Safe to call at any moment.

    The weekly one comes on the first working day of a week.
    """
    local = context.clock.now().astimezone(INSTITUTION_ZONE)
    day = local.date()
    stream = f"lists:{day.isoformat()}"
    standard = catalogue()
    if local.time() < _time_of_day(standard, day) or head_position(stream):
        return 0
    working = calendar("cn")
    if not working.is_workday(day):
        return 0
    drafts = [*_morning_drafts(standard, directory(), day)]
    if _is_first_of_week(working.is_workday, day):
        drafts += _weekly_drafts(standard, directory(), day)
    queued = sum(_queue(context, draft) for draft in drafts)

    def note(unit: UnitOfWork) -> None:
        if not unit.head(stream).position:
            data = {"day": day.isoformat(), "lists": len(drafts)}
            unit.record(stream, Fact("service.lists_queued", data))

    perform("service.note_lists", context.with_key(None), note)
    return queued


def _time_of_day(standard: Catalogue, day: dt.date) -> dt.time:
    found = parameters(standard.version).get(MORNING_TIME)
    value = found.value_on(day) if found else None
    return _MORNING if value is None else dt.time.fromisoformat(str(value))


def _is_first_of_week(is_workday: object, day: dt.date) -> bool:
    assert callable(is_workday)
    monday = day - dt.timedelta(days=day.weekday())
    before = (monday + dt.timedelta(days=number) for number in range(day.weekday()))
    return not any(is_workday(earlier) for earlier in before)


def _queue(context: ActContext, draft: Draft) -> bool:
    try:
        return perform(
            "service.queue_list", context.with_key(None), lambda unit: queue_within(unit, draft)
        )
    except AlreadyDone:
        return False


def _morning_drafts(standard: Catalogue, people: Directory, day: dt.date) -> Iterator[Draft]:
    for letter, sha256 in letters_for(standard, "morning"):
        for person, found in morning_lists(people, day).items():
            values = {
                "recipient.name": people.persons[person].name,
                "today": day_text(day),
                **_morning_values(found),
            }
            yield _draft(letter, sha256, standard, person, values, f"{letter.id}.{day}.{person}")


def _weekly_drafts(standard: Catalogue, people: Directory, day: dt.date) -> Iterator[Draft]:
    for letter, sha256 in letters_for(standard, "weekly"):
        for unit in sorted(people.units):
            heads = people.holders(letter.to.posts, unit, day)
            if not heads:
                continue
            found = weekly_list(people, unit, day)
            for person in heads:
                values = {
                    "recipient.name": people.persons[person].name,
                    "unit.name": people.units[unit].name,
                    "today": day_text(day),
                    **_weekly_values(found),
                }
                identity = f"{letter.id}.{day}.{unit}.{person}"
                yield _draft(letter, sha256, standard, person, values, identity)


def _draft(
    letter: Letter,
    sha256: str,
    standard: Catalogue,
    person: str,
    values: dict[str, Text],
    identity: str,
) -> Draft:
    recipient = Recipient("person", person)
    return Draft(
        identity, letter, sha256, standard.version, recipient, values, subject=str(recipient)
    )


def _morning_values(found: MorningList) -> dict[str, Text]:
    return {
        "total": _same(found.total),
        "tasks": _lines(found.taken),
        "may_take": _lines(found.may_take),
        "clocks": _lines(found.clocks),
        "matters": _lines(found.matters),
    }


def _weekly_values(found: WeeklyList) -> dict[str, Text]:
    return {
        "from": day_text(found.from_day),
        "to": day_text(found.to_day),
        "total": _same(found.total),
        "breaches": _lines(found.breaches),
        "overdue": _lines(found.overdue),
        "escalations": _lines(found.escalations),
    }


def _lines(lines: Sequence[Line]) -> Text:
    if not lines:
        return _NOTHING
    zh, en = [], []
    for line in lines:
        due = moment_text(line.due_at) if line.due_at else None
        zh.append(f"- {line.number} {line.what.zh}" + (f"({due.zh})" if due else ""))
        en.append(f"- {line.number} {line.what.en}" + (f" ({due.en})" if due else ""))
    return Text("\n".join(zh), "\n".join(en))


def _same(value: object) -> Text:
    return Text(str(value), str(value))
