"""The table of the shared cache: counters of failed log-ins, nothing of the business."""

from django.core.management import call_command
from django.db import migrations


def make_table(apps, schema_editor):
    """Create the table where it is missing."""
    call_command("createcachetable", "web_cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    """Created once."""

    dependencies = []
    operations = [migrations.RunPython(make_table, migrations.RunPython.noop)]
