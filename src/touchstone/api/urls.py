"""Addresses of the API."""

from django.urls import path

from touchstone.api import reference
from touchstone.api.build import api

urlpatterns = [
    path("openapi.json", reference.openapi, name="openapi"),
    path("docs", reference.docs, name="api_docs"),
    path("v1/", api.urls),
]
