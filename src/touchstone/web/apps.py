"""Registration of the pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages for people."""

    name = "touchstone.web"
    label = "web"
