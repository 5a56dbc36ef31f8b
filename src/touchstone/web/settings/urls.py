"""Addresses of tokens and webhooks."""

from django.urls import path

from touchstone.web.settings import tokens, webhooks

urlpatterns = [
    path("tokens/", tokens.own, name="tokens"),
    path("tokens/<slug:identity>/revoke/", tokens.revoke, name="token_revoke"),
    path("webhooks/", webhooks.subscriptions_page, name="webhooks"),
    path("webhooks/<slug:identity>/act/", webhooks.act, name="webhook_act"),
]
