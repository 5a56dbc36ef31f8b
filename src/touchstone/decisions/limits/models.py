"""The tables of limits; written by folds only. Only ``decisions.limits`` touches them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from touchstone.journal.table_class import TableClass


class Exposure(models.Model):
    """What a subject has taken up of a limit in a span of time; amounts are decimal text."""

    table_class = TableClass.PROJECTION

    pk = models.CompositePrimaryKey("limit_id", "subject", "period")
    limit_id = models.TextField()
    subject = models.TextField()
    period = models.TextField()
    currency = models.TextField()
    reserved = models.TextField()
    used = models.TextField()
    moved_at = models.BigIntegerField()

    class Meta:
        db_table = "limits_exposure"
        indexes = [models.Index(fields=["subject"], name="limits_exposure_subject")]


class Holding(models.Model):
    """What one case holds of an exposure; it goes away when nothing of it is left."""

    table_class = TableClass.PROJECTION

    pk = models.CompositePrimaryKey("limit_id", "subject", "period", "holder")
    limit_id = models.TextField()
    subject = models.TextField()
    period = models.TextField()
    holder = models.TextField()
    currency = models.TextField()
    reserved = models.TextField()
    used = models.TextField()
    lapses_at = models.BigIntegerField(null=True)
    moved_at = models.BigIntegerField()

    class Meta:
        db_table = "limits_holding"
        indexes = [
            models.Index(fields=["holder"], name="limits_holding_holder"),
            models.Index(
                fields=["lapses_at"],
                name="limits_holding_lapses",
                condition=Q(lapses_at__isnull=False),
            ),
        ]
