"""Whether an action worked, by the windows measured after it: the case of corrective action is told."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import replace

from touchstone.improvement.judged import is_last_day
from touchstone.improvement.judging import recovered, window_of
from touchstone.improvement.queries import acted_on
from touchstone.improvement.rules import numbers
from touchstone.journal.followers import follows
from touchstone.journal.unit_of_work import ActContext, AlreadyDone
from touchstone.kernel.facts import Recorded
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import day_of, from_microseconds
from touchstone.measures.queries.stored import month_ends
from touchstone.process.actions.bringing import deliver_message
from touchstone.process.queries import awaited_since

RECOVERED, RELAPSED = "indicator_recovered", "indicator_relapsed"
# Windows looked back on; an action that shows nothing for longer is judged by a person.
_MONTHS = 24


@follows("measures.measured", name="improvement.tell_recovery")
def tell_recovery(context: ActContext, recorded: Recorded) -> None:
    """Tell the case that acts on a finding when enough windows after the action were good, or one was not."""
    data = recorded.data
    if not is_last_day(data["as_of"]):
        return
    case = acted_on(data["indicator"], data["scope"])
    since = awaited_since(case, RECOVERED) if case else None
    told = numbers(data["standard"], dt.date.fromisoformat(data["as_of"]))
    if case is None or since is None or told is None:
        return
    rows = month_ends(data["indicator"], data["scope"], data["as_of"], _MONTHS)
    windows = [window_of(row) for row in rows if is_last_day(row["as_of"])]
    after = day_of(from_microseconds(since)).isoformat()
    found = recovered(windows, after, told.recovery, told.rules.floor_items)
    if found is None:
        return
    worker = replace(context, actor="system:worker")
    # Somebody may have ended the case since: then nobody waits.
    with suppress(AlreadyDone, Refusal):
        deliver_message(worker, case, RECOVERED if found else RELAPSED, {})
