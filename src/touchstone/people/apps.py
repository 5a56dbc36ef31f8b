"""Registration of people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Courses, exams and certificates."""

    name = "touchstone.people"
    label = "people"

    def ready(self) -> None:
        """Register the projection, the kind of content and the provider of competence."""
        from touchstone.journal.projections import register
        from touchstone.kernel.ports import COMPETENCE
        from touchstone.packs.kinds import CONTENT_KINDS
        from touchstone.packs.schema_kind import SchemaKind
        from touchstone.people.courses import check_course
        from touchstone.people.folds import SITTINGS
        from touchstone.people.provider import Certificates

        register(SITTINGS)
        if "course" in CONTENT_KINDS.all():
            return
        CONTENT_KINDS.provide(
            "course", SchemaKind("touchstone.people", "course.schema.json", check_course)
        )
        COMPETENCE.provide("people", Certificates())
