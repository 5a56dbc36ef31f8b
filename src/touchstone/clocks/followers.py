"""What follows from a changed calendar: the deadlines that were counted over it."""

from __future__ import annotations

from touchstone.clocks.actions import calendars_in_use, recompute_for_calendar
from touchstone.journal.followers import follows
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.facts import Recorded


@follows("clocks.calendar_imported", name="clocks.recompute")
def recompute_after_import(context: ActContext, recorded: Recorded) -> None:
    """Compute the open deadlines of the imported calendar anew."""
    recompute_for_calendar(context, recorded.data["calendar"])


@follows("packs.pack_applied", "packs.overlay_applied", name="clocks.recompute_after_pack")
def recompute_after_pack(context: ActContext, recorded: Recorded) -> None:
    """Compute the open deadlines anew where what was applied changes the calendars they use."""
    for identity in calendars_in_use():
        recompute_for_calendar(context, identity)
