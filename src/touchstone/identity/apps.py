"""Registration of identity."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """People, posts and permissions."""

    name = "touchstone.identity"
    label = "identity"

    def ready(self) -> None:
        """Register the projections and the providers of authority and competence."""
        from touchstone.identity.folds import DEPUTIES, HOLDINGS, PERSONS, TOKENS, UNITS
        from touchstone.identity.provider import DirectoryAuthority, NoCoursesYet
        from touchstone.journal.projections import register
        from touchstone.kernel.ports import COMPETENCE
        from touchstone.packs.ports import AUTHORITY

        for projection in (UNITS, PERSONS, HOLDINGS, DEPUTIES, TOKENS):
            register(projection)
        if "identity" not in AUTHORITY.all():
            AUTHORITY.provide("identity", DirectoryAuthority())
        if not COMPETENCE.all():
            COMPETENCE.provide("identity", NoCoursesYet())
