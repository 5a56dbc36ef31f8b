"""The tables of clocks; written by folds only. Only ``clocks`` touches them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from touchstone.journal.table_class import TableClass


class Clock(models.Model):
    """A clock of a case, running, paused or stopped. Instants are microseconds since the epoch.

    ``next_at`` is when the sweeper must act: a warning, the deadline, or the end of a pause.
    An ``observed`` clock is moved by a foreign system's events alone, so it has none.
    """

    table_class = TableClass.PROJECTION

    pk = models.CompositePrimaryKey("case_id", "clock")
    case_id = models.TextField()
    clock = models.TextField()
    round = models.BigIntegerField()
    state = models.TextField()
    unit = models.TextField(null=True)
    element = models.TextField(null=True)
    clause = models.TextField()
    parameter = models.TextField()
    limit_text = models.TextField()
    ends = models.TextField()
    escalate_to = models.TextField(null=True)
    started_at = models.BigIntegerField()
    due_at = models.BigIntegerField()
    next_at = models.BigIntegerField(null=True)
    level = models.BigIntegerField()
    warn_at = models.TextField()
    shares = models.TextField()
    provisional = models.BooleanField()
    calendar = models.TextField()
    calendar_digest = models.TextField()
    derivation = models.TextField()
    pauses = models.TextField()
    paused_at = models.BigIntegerField(null=True)
    pause_until = models.BigIntegerField(null=True)
    pause_element = models.TextField(null=True)
    pause_reason = models.TextField(null=True)
    stopped_at = models.BigIntegerField(null=True)
    stopped_how = models.TextField(null=True)
    breached_at = models.BigIntegerField(null=True)
    observed = models.BooleanField(default=False)

    class Meta:
        db_table = "clocks_clock"
        indexes = [
            models.Index(
                fields=["next_at"], name="clocks_clock_next", condition=Q(next_at__isnull=False)
            ),
            models.Index(
                fields=["due_at"], name="clocks_clock_open", condition=~Q(state="stopped")
            ),
            models.Index(
                fields=["case_id"],
                name="clocks_clock_breached",
                condition=Q(breached_at__isnull=False) & ~Q(state="stopped"),
            ),
        ]


class CalendarYear(models.Model):
    """One year of a calendar as it was imported last."""

    table_class = TableClass.PROJECTION

    pk = models.CompositePrimaryKey("calendar", "year")
    calendar = models.TextField()
    year = models.BigIntegerField()
    status = models.TextField()
    source = models.TextField()
    days = models.TextField()
    digest = models.TextField()
    imported_at = models.BigIntegerField()

    class Meta:
        db_table = "clocks_calendar_year"
