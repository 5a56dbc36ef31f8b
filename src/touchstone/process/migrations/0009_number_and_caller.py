"""A case is found by its number, and by the case that called it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("process", "0008_lists"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["number"], name="process_case_number"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("caller_case__isnull", False)),
                fields=["caller_case", "caller_wait"],
                name="process_case_caller",
            ),
        ),
    ]
