"""On PostgreSQL each row notes the transaction that wrote it, so followers can read in a safe order."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def note_transaction(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "ALTER TABLE journal_event ALTER COLUMN xid SET DEFAULT pg_current_xact_id()::text::bigint"
        )
        # Rows are found by place or in the safe order (xid, id), never by id alone.
        editor.execute("ALTER TABLE journal_event DROP CONSTRAINT journal_event_pkey")


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunPython(note_transaction, migrations.RunPython.noop)]
