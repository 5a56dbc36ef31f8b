"""Registration of records."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Registers and customers."""

    name = "touchstone.records"
    label = "records"

    def ready(self) -> None:
        """Register the projections and the kind of content."""
        from touchstone.journal.projections import register
        from touchstone.packs.kinds import CONTENT_KINDS
        from touchstone.packs.schema_kind import SchemaKind
        from touchstone.records.folds import CUSTOMERS, ENTRIES
        from touchstone.records.registers import check_register

        for projection in (ENTRIES, CUSTOMERS):
            register(projection)
        if "register" not in CONTENT_KINDS.all():
            CONTENT_KINDS.provide(
                "register",
                SchemaKind("touchstone.records", "register.schema.json", check_register),
            )
