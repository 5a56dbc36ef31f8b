"""The organisation's tables, projections of the stream ``directory``; and access tokens."""

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


class Token(models.Model):
    """A personal access token: whose, for what, until when; instants in microseconds."""

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    person = models.TextField()
    name = models.TextField()
    scopes = models.TextField()
    issued_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    revoked_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "identity_token"
        indexes = [models.Index(fields=["person"], name="identity_token_person")]


class TokenSecret(models.Model):
    """The digest of a token's secret, when it was last used and how often in ``minute``; in no event."""

    table_class = TableClass.VAULT

    id = KeyField(primary_key=True)
    sha256 = models.TextField()
    last_used_at = models.BigIntegerField(null=True)
    minute = models.BigIntegerField(null=True)
    asked = models.BigIntegerField(null=True)

    class Meta:
        db_table = "identity_token_secret"
