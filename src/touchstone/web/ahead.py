"""What a server reads before its first visitor comes: the standard in force, and the templates."""

from __future__ import annotations

from pathlib import Path

from django.template.loader import get_template

from touchstone.packs.catalogue import catalogue
from touchstone.process.deployment import deployment
from touchstone.standard.queries import chapters

_TEMPLATES = Path(__file__).parent / "templates"
_READ = ("indicator", "register", "report", "letter", "roles")


def read_ahead() -> None:
    """Parse and compile what is parsed once a process, so that nobody waits for it."""
    standard = catalogue()
    if standard.version:
        chapters(standard.version)
        for slug in standard.objects("procedure"):
            deployment(standard.version, slug)
        for kind in _READ:
            for item in standard.objects(kind).values():
                _ = item.data
    for path in sorted(_TEMPLATES.rglob("*.html")):
        get_template(str(path.relative_to(_TEMPLATES)))
