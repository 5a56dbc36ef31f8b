"""Registration of limits."""

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    """Limits and what is taken up of them."""

    name = "touchstone.decisions.limits"
    label = "limits"

    def ready(self) -> None:
        """Register the projections and the kind of content."""
        from touchstone.decisions.limits.definition import check_limit
        from touchstone.decisions.limits.folds import EXPOSURES, HOLDINGS
        from touchstone.journal.projections import register
        from touchstone.packs.kinds import CONTENT_KINDS
        from touchstone.packs.schema_kind import SchemaKind

        register(EXPOSURES)
        register(HOLDINGS)
        if "limit" not in CONTENT_KINDS.all():
            CONTENT_KINDS.provide(
                "limit", SchemaKind("touchstone.decisions.limits", "limit.schema.json", check_limit)
            )
