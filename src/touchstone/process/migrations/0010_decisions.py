"""Decisions that cases asked for: which rule decided what, from what."""

from django.db import migrations, models

import touchstone.journal.columns


class Migration(migrations.Migration):
    dependencies = [
        ("process", "0009_number_and_caller"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", touchstone.journal.columns.KeyField(primary_key=True, serialize=False)),
                ("case_id", models.TextField()),
                ("element", models.TextField()),
                ("decision", models.TextField()),
                ("sha256", models.TextField()),
                ("outputs", models.TextField()),
                ("rules", models.TextField()),
                ("inputs", models.TextField()),
                ("parameters", models.TextField()),
                ("undecided", models.BooleanField()),
                ("why", models.TextField()),
                ("decided_at", models.BigIntegerField()),
            ],
            options={
                "db_table": "process_decision",
                "indexes": [
                    models.Index(fields=["case_id"], name="process_decision_case"),
                    models.Index(fields=["decision", "decided_at"], name="process_decision_used"),
                ],
            },
        ),
    ]
