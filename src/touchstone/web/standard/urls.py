"""Addresses of the standard."""

from django.urls import path

from touchstone.web.standard import tracing, views

urlpatterns = [
    path("", views.standard, name="standard"),
    path("chapters/<slug:identity>/", views.chapter, name="chapter"),
    path("clauses/<slug:identity>/", views.clause, name="clause"),
    path("parameters/<str:identity>/", views.parameter, name="parameter"),
    path("trace/", tracing.trace, name="trace"),
    path("versions/", views.versions, name="standard_versions"),
]
