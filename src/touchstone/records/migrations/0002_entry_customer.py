"""An entry says whom it is about in a column of its own, which is looked up by an index."""

import json

from django.db import migrations, models


def _fill(apps, schema_editor):
    entry = apps.get_model("records", "Entry")
    for row in entry.objects.filter(fields__contains='"customer"').only("id", "fields").iterator():
        named = json.loads(row.fields).get("customer")
        if isinstance(named, str):
            row.customer = named
            row.save(update_fields=["customer"])


class Migration(migrations.Migration):
    # The rows are filled before the index is made; PostgreSQL does not do both in one transaction.
    atomic = False

    dependencies = [
        ("records", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="entry",
            name="customer",
            field=models.TextField(null=True),
        ),
        migrations.RunPython(_fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("customer__isnull", False)),
                fields=["customer", "register"],
                name="records_entry_customer",
            ),
        ),
    ]
