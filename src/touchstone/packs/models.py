"""The content store and what was applied. Only ``packs`` touches these tables."""

from __future__ import annotations

from django.db import models

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class Content(models.Model):
    """Bytes of content by their sha256; appended, never changed."""

    table_class = TableClass.CONTENT

    sha256 = KeyField(primary_key=True)
    bytes = models.BinaryField()

    class Meta:
        db_table = "packs_content"


class Version(models.Model):
    """One version of the standard: what each object was from then on.

    ``version`` is the position on the content stream; ``manifest`` lists kind, id, path, sha256.
    """

    table_class = TableClass.PROJECTION

    version = models.BigIntegerField(primary_key=True)
    pack = models.TextField()
    pack_version = models.TextField()
    applied_at = models.BigIntegerField()
    manifest = models.TextField()

    class Meta:
        db_table = "packs_version"


class Overlay(models.Model):
    """An institution's own values, in force from this version on until the next overlay."""

    table_class = TableClass.PROJECTION

    version = models.BigIntegerField(primary_key=True)
    file = models.TextField()
    sha256 = models.TextField()
    applied_at = models.BigIntegerField()

    class Meta:
        db_table = "packs_overlay"
