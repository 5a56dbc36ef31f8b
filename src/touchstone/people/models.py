"""The table of sittings; written by folds only. Only ``people`` touches it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class Sitting(models.Model):
    """One person's sitting of one exam.

    Instants are microseconds since the epoch. ``paper`` lists the questions in order, ``answers``
    the letters chosen; ``state`` is open, handed_in or lapsed (time over); ``attempt`` counts within
    the round that the person may use up; ``is_round_over`` when a new round was allowed after it.
    """

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    person = models.TextField()
    course = models.TextField()
    unit = models.TextField()
    attempt = models.BigIntegerField()
    paper = models.TextField()
    content = models.BigIntegerField()
    begun_at = models.BigIntegerField()
    due_at = models.BigIntegerField()
    state = models.TextField()
    answers = models.TextField()
    correct = models.TextField()
    score = models.BigIntegerField(null=True)
    is_passed = models.BigIntegerField(null=True)
    valid_until = models.TextField(null=True)
    ended_at = models.BigIntegerField(null=True)
    is_round_over = models.BigIntegerField()

    class Meta:
        db_table = "people_sitting"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course"], condition=Q(state="open"), name="people_open_sole"
            )
        ]
        indexes = [
            models.Index(fields=["course", "person", "begun_at"], name="people_course"),
            models.Index(fields=["state", "due_at"], name="people_due"),
        ]
