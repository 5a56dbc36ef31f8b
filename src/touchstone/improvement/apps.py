"""Registration of improvement."""

from django.apps import AppConfig


class ImprovementConfig(AppConfig):
    """Hints, findings and corrective action."""

    name = "touchstone.improvement"
    label = "improvement"

    def ready(self) -> None:
        """Register the projection and the followers."""
        from touchstone.improvement import bypassing, judged, recovering, repairing  # noqa: F401 - followers
        from touchstone.improvement.folds import FINDINGS
        from touchstone.journal.projections import register

        register(FINDINGS)
