"""Addresses of the house; each area of pages names its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("touchstone.web.urls")),
    path("api/", include("touchstone.api.urls")),
    path("account/", include("allauth.urls")),
]
