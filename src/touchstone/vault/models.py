"""Ciphertext and wrapped keys. Only ``vault`` touches these tables; replay never opens them."""

from __future__ import annotations

from django.db import models

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class SubjectKey(models.Model):
    """The data keys of one subject, wrapped by a key of the ring; gone after erasure.

    One, and while its values move to another cipher the earlier one with it.
    """

    table_class = TableClass.VAULT

    subject = KeyField(primary_key=True)
    wrapped_by = models.TextField()
    wrapped = models.BinaryField()

    class Meta:
        db_table = "vault_subject_key"


class Value(models.Model):
    """One sealed value."""

    table_class = TableClass.VAULT

    reference = KeyField(primary_key=True)
    sealed = models.BinaryField()

    class Meta:
        db_table = "vault_value"


class Index(models.Model):
    """A blind index entry: keyed digest of a value -> its subject.

    ``is_sole``: no other subject may have this value.
    """

    table_class = TableClass.VAULT

    id = models.BigAutoField(primary_key=True)
    digest = models.BinaryField()
    subject = models.TextField()
    is_sole = models.BooleanField(default=False)

    class Meta:
        db_table = "vault_index"
        indexes = [
            models.Index(fields=["digest"], name="vault_index_digest"),
            models.Index(fields=["subject"], name="vault_index_subject"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["digest"], condition=models.Q(is_sole=True), name="vault_index_sole"
            )
        ]
