"""Addresses of messages."""

from django.urls import path

from touchstone.web.messages import views

urlpatterns = [
    path("", views.messages, name="messages"),
    path("print/", views.to_print, name="messages_print"),
    path("<str:identity>/", views.message_page, name="message"),
    path("<str:identity>/letter/", views.letter, name="message_letter"),
    path("<str:identity>/done/", views.by_hand, name="message_done"),
    path("<str:identity>/again/", views.again, name="message_again"),
]
