"""Registration of packs."""

from django.apps import AppConfig


class PacksConfig(AppConfig):
    """Standard packs and the content store."""

    name = "touchstone.packs"
    label = "packs"

    def ready(self) -> None:
        """Register the projection and the kinds that packs itself owns."""
        from touchstone.journal.projections import register
        from touchstone.packs.channels import check_channels
        from touchstone.packs.folds import OVERLAYS, VERSIONS
        from touchstone.packs.kinds import CONTENT_KINDS
        from touchstone.packs.overlay import FORM, KIND
        from touchstone.packs.schema_kind import SchemaKind

        register(VERSIONS)
        register(OVERLAYS)
        if "pack" not in CONTENT_KINDS.all():
            header = SchemaKind("touchstone.packs", "pack.schema.json", check_channels)
            CONTENT_KINDS.provide("pack", header)
            CONTENT_KINDS.provide(KIND, FORM)
