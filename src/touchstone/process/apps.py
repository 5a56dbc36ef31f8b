"""Registration of processes."""

from django.apps import AppConfig


class ProcessConfig(AppConfig):
    """Procedures at work."""

    name = "touchstone.process"
    label = "process"

    def ready(self) -> None:
        """Register projections, kinds of content, handlers, followers.

        Raises:
            MissingProviderError: nobody says who may do a task; the start stops.
        """
        from touchstone.journal.projections import register
        from touchstone.kernel.ports import COMPETENCE
        from touchstone.packs.kinds import CONTENT_KINDS
        from touchstone.packs.ports import AUTHORITY, RUNNING_CASES
        from touchstone.packs.schema_kind import SchemaKind
        from touchstone.process.actions import (  # noqa: F401 - followers
            escalating,
            machines,
            messaging,
        )
        from touchstone.process.decision_folds import DECISIONS
        from touchstone.process.decisions import DecisionKind, check_card
        from touchstone.process.folds import CASES, TASKS, WAITS
        from touchstone.process.handlers import HANDLERS
        from touchstone.process.kinds import DiagramKind, FormKind, check_procedure
        from touchstone.process.matter_folds import MATTERS
        from touchstone.process.ports import SERVICE_HANDLERS
        from touchstone.process.queries import open_cases_of, open_cases_of_customer
        from touchstone.process.scenario import check_scenario
        from touchstone.records.ports import OPEN_BUSINESS

        AUTHORITY.sole()
        COMPETENCE.sole()
        for projection in (CASES, TASKS, WAITS, MATTERS, DECISIONS):
            register(projection)
        if "procedure" in CONTENT_KINDS.all():
            return
        for name, handler in HANDLERS.items():
            SERVICE_HANDLERS.provide(name, handler)
        CONTENT_KINDS.provide("diagram", DiagramKind())
        CONTENT_KINDS.provide("form", FormKind())
        CONTENT_KINDS.provide("decision", DecisionKind())
        CONTENT_KINDS.provide(
            "scorecard", SchemaKind("touchstone.decisions", "scorecard.schema.json", check_card)
        )
        CONTENT_KINDS.provide(
            "procedure",
            SchemaKind("touchstone.process", "procedure.schema.json", check_procedure),
        )
        CONTENT_KINDS.provide(
            "scenario", SchemaKind("touchstone.process", "scenario.schema.json", check_scenario)
        )
        RUNNING_CASES.provide("process", open_cases_of)
        OPEN_BUSINESS.provide("process", open_cases_of_customer)
