"""Addresses of the customer's pages."""

from django.urls import path

from touchstone.web.portal import views

urlpatterns = [
    path("", views.home, name="portal"),
    path("apply/", views.apply, name="portal_apply"),
    path("apply/<slug:slug>/", views.begin, name="portal_begin"),
    path("complain/", views.complaint, name="portal_complain"),
    path("letters/", views.letters, name="portal_letters"),
    path("letters/<str:identity>/", views.letter, name="portal_letter"),
    path("data/", views.data, name="portal_data"),
    path("type/", views.large_type, name="portal_type"),
    path("cases/<slug:case>/", views.case, name="portal_case"),
    path("cases/<slug:case>/answer/<slug:message>/", views.answer, name="portal_answer"),
    path("cases/<slug:case>/withdraw/", views.withdraw, name="portal_withdraw"),
    path("cases/<slug:case>/rate/", views.rate, name="portal_rate"),
]
