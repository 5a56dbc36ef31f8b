"""Registration of the standard."""

from django.apps import AppConfig


class StandardConfig(AppConfig):
    """Chapters, clauses and parameters."""

    name = "touchstone.standard"
    label = "standard"

    def ready(self) -> None:
        """Register the kinds of content that the standard owns."""
        from touchstone.packs.kinds import CONTENT_KINDS
        from touchstone.packs.schema_kind import SchemaKind
        from touchstone.standard.chapters import ChapterKind
        from touchstone.standard.parameter_kind import check_parameter

        if "chapter" in CONTENT_KINDS.all():
            return
        CONTENT_KINDS.provide("chapter", ChapterKind(english=False))
        CONTENT_KINDS.provide("chapter_en", ChapterKind(english=True))
        CONTENT_KINDS.provide(
            "parameter", SchemaKind("touchstone.standard", "parameter.schema.json", check_parameter)
        )
        CONTENT_KINDS.provide("roles", SchemaKind("touchstone.standard", "roles.schema.json"))
