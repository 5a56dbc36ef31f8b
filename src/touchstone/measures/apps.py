"""Registration of measures."""

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """Indicators and what they measured."""

    name = "touchstone.measures"
    label = "measures"

    def ready(self) -> None:
        """Register the projections and the kinds of content."""
        from touchstone.journal.projections import register
        from touchstone.measures.content import check_indicator, check_report
        from touchstone.measures.folds import LIVENESS, MEASUREMENTS
        from touchstone.packs.kinds import CONTENT_KINDS
        from touchstone.packs.schema_kind import SchemaKind

        for projection in (MEASUREMENTS, LIVENESS):
            register(projection)
        if "indicator" in CONTENT_KINDS.all():
            return
        for kind, check in (("indicator", check_indicator), ("report", check_report)):
            content = SchemaKind("touchstone.measures", f"{kind}.schema.json", check)
            CONTENT_KINDS.provide(kind, content)
