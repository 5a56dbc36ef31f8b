"""Addresses of people and settings."""

from django.urls import path

from touchstone.web.people import first, views

urlpatterns = [
    path("settings/", views.own, name="settings"),
    path("people/", views.people, name="people"),
    path("people/join/", views.join, name="person_join"),
    path("people/<str:identity>/", views.person, name="person"),
    path("people/<str:identity>/act/", views.act, name="person_act"),
    path("account/first/<str:uid>/<str:token>/", first.first_password, name="first_password"),
]
