"""Items stand from one measured day to another; those kept so far are counted from the journal when asked for."""

from django.db import migrations, models

import touchstone.journal.columns


class Migration(migrations.Migration):
    dependencies = [("measures", "0001_initial")]

    operations = [
        migrations.RunSQL("DELETE FROM measures_counted", migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="counted", name="measures_counted_order"),
        migrations.RemoveField(model_name="counted", name="watermark"),
        migrations.AddField(
            model_name="counted",
            name="last",
            field=touchstone.journal.columns.KeyField(default=""),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="counted",
            index=models.Index(
                fields=["indicator", "period", "at", "subject", "what"],
                name="measures_counted_order",
            ),
        ),
        migrations.AddIndex(
            model_name="counted",
            index=models.Index(
                fields=["period", "unit", "branch"], name="measures_counted_place"
            ),
        ),
    ]
