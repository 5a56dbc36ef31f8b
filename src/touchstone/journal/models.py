"""The journal's tables. Only ``journal`` touches them."""

from __future__ import annotations

from django.db import models

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class Event(models.Model):
    """One act on one stream: a link of the stream's hash chain.

    ``id`` and ``xid`` only order rows for followers and are not hashed. Instants are microseconds
    since the epoch. ``payload`` is canonical JSON text, because the hash covers its very bytes.
    """

    table_class = TableClass.JOURNAL

    id = models.BigAutoField(primary_key=True)
    xid = models.BigIntegerField(default=0, db_default=0)
    stream = models.TextField()
    position = models.BigIntegerField()
    act = models.TextField()
    actor = models.TextField()
    on_behalf_of = models.TextField(null=True)
    occurred_at = models.BigIntegerField()
    recorded_at = models.BigIntegerField()
    key = models.TextField(null=True)
    payload = models.TextField()
    hash = models.BinaryField()

    class Meta:
        db_table = "journal_event"
        constraints = [
            models.UniqueConstraint(fields=["stream", "position"], name="journal_event_place"),
            models.UniqueConstraint(
                fields=["key"], name="journal_event_key", condition=models.Q(key__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["xid", "id"], name="journal_event_order")]


class Checkpoint(models.Model):
    """A signed Merkle root over all stream heads, chained to the one before."""

    table_class = TableClass.JOURNAL

    number = models.BigIntegerField(primary_key=True)
    taken_at = models.BigIntegerField()
    streams = models.BigIntegerField()
    root = models.BinaryField()
    previous = models.BinaryField()
    public_key = models.BinaryField()
    signature = models.BinaryField()

    class Meta:
        db_table = "journal_checkpoint"


class CheckpointHead(models.Model):
    """The head of one stream that moved since the checkpoint before ``number``."""

    table_class = TableClass.JOURNAL

    id = models.BigAutoField(primary_key=True)
    number = models.BigIntegerField()
    stream = models.TextField()
    position = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "journal_checkpoint_head"
        constraints = [
            models.UniqueConstraint(fields=["stream", "number"], name="journal_checkpoint_place")
        ]


class Cursor(models.Model):
    """How far a follower has read, in the safe order (xid, id)."""

    table_class = TableClass.DELIVERY

    follower = KeyField(primary_key=True)
    xid = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "journal_cursor"
