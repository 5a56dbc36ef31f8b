"""Cases, tasks and machine waits: projections that only their folds write. And drafts of forms.

Instants are microseconds since the epoch. JSON is canonical text.
"""

from __future__ import annotations

from django.db import models

from touchstone.journal.columns import KeyField
from touchstone.journal.table_class import TableClass


class Case(models.Model):
    """One running or ended case of a procedure.

    ``engine`` is the engine's state (tokens, scopes, variables); ``actors`` lists for every
    person the steps he ever acted on; ``content`` is the version of the standard it began with;
    ``source`` is the foreign system whose events it was observed from, null where it was done here.
    """

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    number = models.TextField()
    procedure = models.TextField()
    content = models.BigIntegerField()
    unit = models.TextField()
    customer = models.TextField(null=True)
    caller_case = models.TextField(null=True)
    caller_wait = models.TextField(null=True)
    state = models.TextField()
    outcome = models.TextField(null=True)
    started_at = models.BigIntegerField()
    started_by = models.TextField()
    ended_at = models.BigIntegerField(null=True)
    engine = models.TextField()
    actors = models.TextField()
    sealed = models.TextField()
    evidence = models.TextField()
    source = models.TextField(null=True)

    class Meta:
        db_table = "process_case"
        indexes = [
            models.Index(
                fields=["procedure", "content"],
                name="process_case_open",
                condition=models.Q(state="open"),
            ),
            models.Index(fields=["number"], name="process_case_number"),
            models.Index(
                fields=["caller_case", "caller_wait"],
                name="process_case_caller",
                condition=models.Q(caller_case__isnull=False),
            ),
            models.Index(
                fields=["customer"],
                name="process_case_customer",
                condition=models.Q(customer__isnull=False),
            ),
            # What people ask for: the newest, those of a place.
            models.Index(fields=["-started_at", "id"], name="process_case_newest"),
            models.Index(fields=["procedure", "unit", "state"], name="process_case_place"),
        ]


class Task(models.Model):
    """One piece of human work.

    ``pool`` is ``posts@unit``: who may take it. ``signers`` maps each named signer to his opinion
    or null. ``held`` names the control and post that a hold waits for, with the values submitted.
    ``emergency`` names who took the task by break-glass and the controls released for him.
    """

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    case_id = models.TextField()
    wait = models.TextField()
    element = models.TextField()
    pool = models.TextField()
    state = models.TextField()
    claimed_by = models.TextField(null=True)
    owner = models.TextField(null=True)
    done_by = models.TextField(null=True)
    opened_at = models.BigIntegerField()
    closed_at = models.BigIntegerField(null=True)
    due_at = models.BigIntegerField(null=True)
    signers = models.TextField(null=True)
    held = models.TextField(null=True)
    emergency = models.TextField(null=True)
    emergency_until = models.BigIntegerField(null=True)

    class Meta:
        db_table = "process_task"
        indexes = [
            models.Index(
                fields=["emergency_until"],
                name="process_task_emergency",
                condition=models.Q(emergency_until__isnull=False),
            ),
            models.Index(
                fields=["pool", "due_at", "id"],
                name="process_task_pool",
                condition=models.Q(state="open"),
            ),
            models.Index(
                fields=["claimed_by", "due_at", "id"],
                name="process_task_claimed",
                condition=models.Q(state="claimed"),
            ),
            # Few have signers: whom they wait for is read from these alone.
            models.Index(
                fields=["due_at", "id"],
                name="process_task_signing",
                condition=models.Q(signers__isnull=False, state__in=["open", "claimed"]),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="process_task_held",
                condition=models.Q(state="held"),
            ),
            models.Index(fields=["case_id"], name="process_task_case"),
        ]


class Wait(models.Model):
    """What a case waits for besides people: a service job, a timer, a message, a called case.

    ``next_at`` is the instant at which a worker must act; null for waits that come from outside.
    ``correlation`` is the key under which a message of ``name`` from another case finds it.
    """

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    case_id = models.TextField()
    wait = models.TextField()
    element = models.TextField()
    kind = models.TextField()
    name = models.TextField(null=True)
    correlation = models.TextField(null=True)
    detail = models.TextField()
    opened_at = models.BigIntegerField()
    next_at = models.BigIntegerField(null=True)
    attempts = models.BigIntegerField()
    problem = models.TextField(null=True)

    class Meta:
        db_table = "process_wait"
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                name="process_wait_due",
                condition=models.Q(next_at__isnull=False),
            ),
            models.Index(
                fields=["name", "correlation"],
                name="process_wait_name",
                condition=models.Q(name__isnull=False),
            ),
            models.Index(fields=["case_id"], name="process_wait_case"),
        ]


class Matter(models.Model):
    """What named people must see to beside the flow of a case.

    ``kind`` is ``escalation``, ``handoff`` or ``review``; ``pool`` is ``post@unit``, ``persons`` who
    held it when the matter opened, ``barred`` whose own doing it is about, ``why`` by what rule they
    were found. ``due_at`` of an escalation is the deadline that passed.
    """

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    case_id = models.TextField()
    kind = models.TextField()
    subject = models.TextField()
    element = models.TextField(null=True)
    clause = models.TextField(null=True)
    pool = models.TextField()
    persons = models.TextField()
    barred = models.TextField()
    why = models.TextField(null=True)
    state = models.TextField()
    opened_at = models.BigIntegerField()
    due_at = models.BigIntegerField(null=True)
    closed_at = models.BigIntegerField(null=True)
    closed_by = models.TextField(null=True)
    outcome = models.TextField(null=True)
    note = models.TextField(null=True)

    class Meta:
        db_table = "process_matter"
        indexes = [
            models.Index(
                fields=["pool", "due_at", "id"],
                name="process_matter_pool",
                condition=models.Q(state="open"),
            ),
            models.Index(
                fields=["clause"],
                name="process_matter_clause",
                condition=models.Q(clause__isnull=False),
            ),
            models.Index(fields=["case_id"], name="process_matter_case"),
        ]


class Draft(models.Model):
    """One version of a form that somebody has not finished; the newest counts."""

    table_class = TableClass.DELIVERY

    id = models.BigAutoField(primary_key=True)
    person = models.TextField()
    place = models.TextField()
    version = models.BigIntegerField()
    sealed = models.BinaryField()
    saved_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()

    class Meta:
        db_table = "process_draft"
        indexes = [models.Index(fields=["expires_at"], name="process_draft_expiry")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "place", "version"], name="process_draft_sole"
            )
        ]


class Decision(models.Model):
    """A decision that a case's rule task asked for: what it came to, by which rules, from what.

    ``rules`` lists by table the ids of the rules that matched; ``parameters`` the values of the day.
    """

    table_class = TableClass.PROJECTION

    id = KeyField(primary_key=True)
    case_id = models.TextField()
    element = models.TextField()
    decision = models.TextField()
    sha256 = models.TextField()
    outputs = models.TextField()
    rules = models.TextField()
    inputs = models.TextField()
    parameters = models.TextField()
    undecided = models.BooleanField()
    why = models.TextField()
    decided_at = models.BigIntegerField()

    class Meta:
        db_table = "process_decision"
        indexes = [
            models.Index(fields=["case_id"], name="process_decision_case"),
            models.Index(fields=["decision", "decided_at"], name="process_decision_used"),
        ]
