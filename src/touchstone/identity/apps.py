"""Registration of identity."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """People, posts and permissions."""

    name = "touchstone.identity"
    label = "identity"

    def ready(self) -> None:
        """Register the projections and the provider of authority."""
        from touchstone.identity.folds import DEPUTIES, HOLDINGS, PERSONS, TOKENS, UNITS
        from touchstone.identity.provider import DirectoryAuthority
        from touchstone.journal.projections import register
        from touchstone.packs.ports import AUTHORITY

        for projection in (UNITS, PERSONS, HOLDINGS, DEPUTIES, TOKENS):
            register(projection)
        if "identity" not in AUTHORITY.all():
            AUTHORITY.provide("identity", DirectoryAuthority())
