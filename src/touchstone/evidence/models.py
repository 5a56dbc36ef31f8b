"""Which encrypted file belongs to whom. Only ``evidence`` touches this table."""

from __future__ import annotations

from django.db import models

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class StoredFile(models.Model):
    """One file of one subject; its name and key are sealed in the vault under ``reference``.

    ``is_kept``: some act refers to it; otherwise it is removed after a while.
    """

    table_class = TableClass.VAULT

    reference = KeyField(primary_key=True)
    subject = models.TextField()
    sha256 = models.TextField()
    place = models.TextField()
    media_type = models.TextField()
    size = models.BigIntegerField()
    scan = models.TextField()
    stored_by = models.TextField()
    stored_at = models.BigIntegerField()
    is_kept = models.BooleanField(default=False)

    class Meta:
        db_table = "evidence_file"
        indexes = [
            models.Index(fields=["subject"], name="evidence_file_subject"),
            models.Index(
                fields=["stored_at"],
                name="evidence_file_orphans",
                condition=models.Q(is_kept=False),
            ),
        ]
