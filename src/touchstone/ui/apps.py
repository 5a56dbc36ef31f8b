"""Registration of the components."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, style sheets and template tags that pages are made of."""

    name = "touchstone.ui"
    label = "ui"
