"""The tables of measurements. Only ``measures`` touches them; folds write all but the last.

Instants are microseconds since the epoch, days ISO text. JSON is canonical text.
"""

from __future__ import annotations

from django.db import models

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class Measurement(models.Model):
    """One value of an indicator for one scope, as of a day.

    ``scope`` is institution, ``unit:``, ``branch:``, ``channel:`` or ``product:``; ``value`` exact
    decimal text; ``lines`` target, warning, critical, floor and regulatory limit as they stood;
    ``standard`` the version that defines it; ``watermark`` the checkpoint that covers its events;
    ``counted_until`` the instant up to which what fell due counts.
    """

    table_class = TableClass.PROJECTION

    pk = models.CompositePrimaryKey("indicator", "as_of", "scope")
    indicator = KeyField()
    as_of = KeyField()
    scope = KeyField()
    period = models.TextField()
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    excluded = models.BigIntegerField()
    value = models.TextField(null=True)
    status = models.TextField()
    unit = models.TextField()
    direction = models.TextField()
    lines = models.TextField()
    clauses = models.TextField()
    definition = models.TextField()
    standard = models.BigIntegerField()
    watermark = models.BigIntegerField()
    counted_until = models.BigIntegerField()
    measured_at = models.BigIntegerField()

    class Meta:
        db_table = "measures_measurement"
        indexes = [models.Index(fields=["scope", "as_of"], name="measures_measurement_scope")]


class Liveness(models.Model):
    """What every normative clause, control and clock has shown in a month up to a day."""

    table_class = TableClass.PROJECTION

    as_of = KeyField(primary_key=True)
    period = models.TextField()
    standard = models.BigIntegerField()
    watermark = models.BigIntegerField()
    clauses = models.TextField()
    controls = models.TextField()
    clocks = models.TextField()
    measured_at = models.BigIntegerField()

    class Meta:
        db_table = "measures_liveness"


class Counted(models.Model):
    """One item as an indicator counted it from the measured day ``as_of`` to ``last``, for drill-down.

    An item that stands unchanged from day to day is one row, so that every measured day is kept at
    little more than the cost of the last. Nothing is known only here: the journal gives them again.
    """

    table_class = TableClass.DELIVERY

    id = models.BigAutoField(primary_key=True)
    indicator = KeyField()
    period = KeyField()
    as_of = KeyField()
    last = KeyField()
    subject = models.TextField()
    stream = models.TextField()
    unit = models.TextField(null=True)
    branch = models.TextField(null=True)
    channel = models.TextField(null=True)
    product = models.TextField(null=True)
    what = models.TextField()
    position = models.BigIntegerField()
    at = models.BigIntegerField()
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    reason = models.TextField()
    is_judged = models.BooleanField()

    class Meta:
        db_table = "measures_counted"
        indexes = [
            models.Index(
                fields=["indicator", "period", "at", "subject", "what"],
                name="measures_counted_order",
            ),
            models.Index(fields=["period", "unit", "branch"], name="measures_counted_place"),
        ]
