"""Address of the search."""

from django.urls import path

from touchstone.web.search import views

urlpatterns = [path("", views.search, name="search")]
