"""Registration of the API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The API and its reference page."""

    name = "touchstone.api"
    label = "api"
