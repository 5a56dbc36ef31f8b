"""Registration of clocks."""

from django.apps import AppConfig


class ClocksConfig(AppConfig):
    """Deadlines in working time."""

    name = "touchstone.clocks"
    label = "clocks"

    def ready(self) -> None:
        """Register the projections, the kind of content, and what reacts to a changed calendar."""
        from touchstone.clocks import followers
        from touchstone.clocks.content import CalendarKind
        from touchstone.clocks.folds import CALENDAR_YEARS, CLOCKS
        from touchstone.journal.projections import register
        from touchstone.packs.kinds import CONTENT_KINDS

        assert followers.__name__
        register(CLOCKS)
        register(CALENDAR_YEARS)
        if "calendar" not in CONTENT_KINDS.all():
            CONTENT_KINDS.provide("calendar", CalendarKind())
