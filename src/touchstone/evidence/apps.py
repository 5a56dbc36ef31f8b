"""Registration of evidence."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Files that prove something."""

    name = "touchstone.evidence"
    label = "evidence"

    def ready(self) -> None:
        """Say honestly that nobody scans, unless the installation provides a scanner."""
        from touchstone.evidence.ports import SCANNER, NoScanner

        if not SCANNER.all():
            SCANNER.provide("none", NoScanner())
