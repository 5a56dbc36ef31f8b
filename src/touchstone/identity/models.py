"""The organisation's tables; projections of the stream ``directory``."""

from __future__ import annotations

from django.db import models

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class Unit(models.Model):
    """A unit of the organisation."""

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    name = models.TextField()
    level = models.TextField()
    parent = models.TextField(null=True)

    class Meta:
        db_table = "identity_unit"


class Person(models.Model):
    """A member of staff."""

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    name = models.TextField()
    left_on = models.TextField(null=True)

    class Meta:
        db_table = "identity_person"


class Holding(models.Model):
    """A post held at a unit; days as ISO text."""

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    person = models.TextField()
    post = models.TextField()
    unit = models.TextField()
    from_day = models.TextField()
    to_day = models.TextField(null=True)

    class Meta:
        db_table = "identity_holding"


class Deputy(models.Model):
    """Somebody who stands in for somebody; days as ISO text."""

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    person = models.TextField()
    deputy = models.TextField()
    from_day = models.TextField()
    to_day = models.TextField()

    class Meta:
        db_table = "identity_deputy"
