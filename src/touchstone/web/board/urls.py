"""Addresses of the board."""

from django.urls import path

from touchstone.web.board import views

urlpatterns = [
    path("", views.board, name="board"),
    path("wall/", views.wall, name="board_wall"),
    path("hard-numbers/", views.hard_numbers, name="hard_numbers"),
    path("indicators/<slug:identity>/", views.indicator, name="indicator"),
    path("indicators/<slug:identity>/items/", views.items, name="indicator_items"),
]
