"""Addresses of the house; each area of pages names its own."""

from django.urls import include, path

handler400 = "touchstone.web.failing.bad_request"
handler404 = "touchstone.web.failing.no_such_address"
handler500 = "touchstone.web.failing.broken"
urlpatterns = [
    path("", include("touchstone.web.urls")),
    path("api/", include("touchstone.api.urls")),
    path("account/", include("allauth.urls")),
]
