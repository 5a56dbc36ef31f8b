"""Entries of registers and customers. Both are projections: only their folds write them.

Instants are microseconds since the epoch, days ISO text. JSON is canonical text. Sealed fields are
vault references.
"""

from __future__ import annotations

from django.db import models

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class Entry(models.Model):
    """One entry of a register.

    ``state`` is entered, confirmed or void; ``on_day`` the day it is looked up by; ``writers`` all
    who wrote its values; ``version`` counts how often they were written; ``content`` is the version
    of the standard whose register judged them; ``customer`` whom an open field of that name says it
    is about.
    """

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    register = KeyField()
    unit = models.TextField()
    on_day = models.TextField()
    fields = models.TextField()
    sealed = models.TextField()
    state = models.TextField()
    entered_by = models.TextField()
    entered_at = models.BigIntegerField()
    confirmed_by = models.TextField(null=True)
    writers = models.TextField()
    version = models.BigIntegerField()
    content = models.BigIntegerField()
    customer = models.TextField(null=True)

    class Meta:
        db_table = "records_entry"
        indexes = [
            models.Index(fields=["register", "on_day", "id"], name="records_entry_day"),
            models.Index(fields=["register", "unit", "on_day"], name="records_entry_unit"),
            models.Index(
                fields=["customer", "register"],
                name="records_entry_customer",
                condition=models.Q(customer__isnull=False),
            ),
        ]


class Customer(models.Model):
    """A customer; ``sealed`` maps name, identity number, telephone and address to references."""

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    kind = models.TextField()
    risk_grade = models.TextField()
    segment = models.TextField(null=True)
    is_vulnerable = models.BooleanField()
    unit = models.TextField()
    since = models.TextField()
    state = models.TextField()
    sealed = models.TextField()

    class Meta:
        db_table = "records_customer"
        indexes = [models.Index(fields=["unit", "id"], name="records_customer_unit")]
