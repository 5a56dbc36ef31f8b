"""Messages, addresses, subscriptions; and the posts to subscribers that are still to be made.

Instants are microseconds since the epoch. Addresses, texts and secrets are vault references.
"""

from __future__ import annotations

from django.db import models

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class Message(models.Model):
    """One letter or list to one reader.

    ``state`` is waiting (for a person, who prints it), queued, sending, sent, delivered or failed.
    ``next_at`` is when a worker must act. ``problem`` is the code of the last failure.
    """

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    purpose = models.TextField()
    letter = models.TextField()
    sha256 = models.TextField()
    content = models.BigIntegerField()
    recipient = models.TextField()
    language = models.TextField()
    channel = models.TextField()
    address = models.TextField(null=True)
    masked = models.TextField(null=True)
    body = models.TextField(null=True)
    case_id = models.TextField(null=True)
    element = models.TextField(null=True)
    wait = models.TextField(null=True)
    unit = models.TextField(null=True)
    state = models.TextField()
    attempts = models.BigIntegerField()
    queued_at = models.BigIntegerField()
    next_at = models.BigIntegerField(null=True)
    sent_at = models.BigIntegerField(null=True)
    delivered_at = models.BigIntegerField(null=True)
    failed_at = models.BigIntegerField(null=True)
    problem = models.TextField(null=True)
    reference = models.TextField(null=True)

    class Meta:
        db_table = "service_message"
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                name="service_message_due",
                condition=models.Q(next_at__isnull=False),
            ),
            models.Index(
                fields=["unit", "queued_at", "id"],
                name="service_message_print",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["queued_at", "id"],
                name="service_message_failed",
                condition=models.Q(state="failed"),
            ),
            models.Index(fields=["queued_at", "id"], name="service_message_recent"),
            models.Index(
                fields=["case_id"],
                name="service_message_case",
                condition=models.Q(case_id__isnull=False),
            ),
        ]


class Address(models.Model):
    """Where a reader is reached by one channel."""

    table_class = TableClass.PROJECTION

    pk = models.CompositePrimaryKey("recipient", "channel")
    recipient = KeyField()
    channel = KeyField()
    address = models.TextField()
    masked = models.TextField()
    language = models.TextField()
    set_at = models.BigIntegerField()

    class Meta:
        db_table = "service_address"


class Subscription(models.Model):
    """Another system that is told of some kinds of facts; ``state`` is active, off or ended."""

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    url = models.TextField()
    kinds = models.TextField()
    secret = models.TextField()
    state = models.TextField()
    subscribed_by = models.TextField()
    subscribed_at = models.BigIntegerField()
    problem = models.TextField(null=True)

    class Meta:
        db_table = "service_subscription"


class Post(models.Model):
    """A fact that a subscriber is still to be told; gone once he was, or once he is switched off."""

    table_class = TableClass.DELIVERY

    id = KeyField(primary_key=True)
    subscription = models.TextField()
    body = models.TextField()
    attempts = models.BigIntegerField()
    next_at = models.BigIntegerField()

    class Meta:
        db_table = "service_post"
        indexes = [
            models.Index(fields=["next_at", "id"], name="service_post_due"),
            models.Index(fields=["subscription"], name="service_post_subscription"),
        ]


class Told(models.Model):
    """How a post to a subscriber went, the last ones only; ``code`` is why it failed."""

    table_class = TableClass.DELIVERY

    id = KeyField(primary_key=True)
    subscription = models.TextField()
    kind = models.TextField()
    fact = models.TextField()
    attempt = models.BigIntegerField()
    at = models.BigIntegerField()
    code = models.TextField(null=True)

    class Meta:
        db_table = "service_told"
        indexes = [models.Index(fields=["subscription", "at"], name="service_told_last")]
