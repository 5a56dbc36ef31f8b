"""Registration of messages."""

from django.apps import AppConfig


class ServiceConfig(AppConfig):
    """Letters, lists and other systems."""

    name = "touchstone.service"
    label = "service"

    def ready(self) -> None:
        """Register projections, the kind of content, channels, routing, followers."""
        from touchstone.journal.projections import register
        from touchstone.packs.kinds import CONTENT_KINDS
        from touchstone.packs.schema_kind import SchemaKind
        from touchstone.service.actions import queuing, webhooks  # noqa: F401 - followers
        from touchstone.service.channels.http import HttpChannel
        from touchstone.service.channels.print import PrintChannel
        from touchstone.service.channels.simulated import SimulatedChannel
        from touchstone.service.channels.smtp import SmtpChannel
        from touchstone.service.folds import ADDRESSES, MESSAGES, SUBSCRIPTIONS
        from touchstone.service.letter_kind import check_letter
        from touchstone.service.ports import CHANNELS, PRINT, ROUTING
        from touchstone.service.routing import configured

        for projection in (MESSAGES, ADDRESSES, SUBSCRIPTIONS):
            register(projection)
        if "letter" in CONTENT_KINDS.all():
            return
        CONTENT_KINDS.provide(
            "letter", SchemaKind("touchstone.service", "letter.schema.json", check_letter)
        )
        CHANNELS.provide("smtp", SmtpChannel())
        CHANNELS.provide("http", HttpChannel())
        CHANNELS.provide(PRINT, PrintChannel())
        CHANNELS.provide("simulated", SimulatedChannel())
        ROUTING.provide("routing", configured)
