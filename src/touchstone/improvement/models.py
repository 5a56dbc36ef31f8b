"""The table of findings; written by folds only. Only ``improvement`` touches it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class Finding(models.Model):
    """A hint or a finding, and where its repair stands.

    Instants are microseconds since the epoch. ``kind`` is breach, no_data, bypass or reported; ``level``
    hint or finding; ``subject`` the indicator, the step whose control was bypassed, or the case that
    reported it; ``scope`` as a measurement's; ``windows`` what was judged, in order; ``breaches``
    breached windows in a row, or releases of a control; ``recurrences`` how often it has come back (屡查屡犯); ``repair`` and
    ``action`` the cases of rectification and of corrective action.
    """

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    kind = models.TextField()
    subject = models.TextField()
    scope = models.TextField()
    unit = models.TextField()
    owner = models.TextField()
    clause = models.TextField()
    source = models.TextField()
    level = models.TextField()
    state = models.TextField()
    why = models.TextField()
    severity = models.TextField()
    cause = models.TextField(null=True)
    windows = models.TextField()
    breaches = models.BigIntegerField()
    repeat_of = models.TextField(null=True)
    recurrences = models.BigIntegerField()
    repair = models.TextField(null=True)
    action = models.TextField(null=True)
    opened_at = models.BigIntegerField()
    raised_at = models.BigIntegerField(null=True)
    closed_at = models.BigIntegerField(null=True)
    how = models.TextField(null=True)

    class Meta:
        db_table = "improvement_finding"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "scope"],
                condition=Q(state="open"),
                name="improvement_open_sole",
            )
        ]
        indexes = [
            models.Index(fields=["state", "level", "opened_at"], name="improvement_state"),
            models.Index(fields=["clause"], name="improvement_clause"),
            models.Index(fields=["repair"], name="improvement_repair"),
            models.Index(fields=["action"], name="improvement_action"),
        ]
