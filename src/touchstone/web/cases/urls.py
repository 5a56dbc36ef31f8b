"""Addresses of cases."""

from django.urls import path

from touchstone.web.cases import papers, views

urlpatterns = [
    path("", views.cases, name="cases"),
    path("<slug:case>/", views.case, name="case"),
    path("<slug:case>/print/", views.case_file, name="case_file"),
    path("<slug:case>/file.json", views.case_file_data, name="case_file_data"),
    path("<slug:case>/show/", views.show, name="case_show"),
    path("<slug:case>/papers/", papers.paper, name="case_paper"),
    path("<slug:case>/withdraw/", views.withdraw, name="case_withdraw"),
    path("<slug:case>/messages/<str:message>/", views.bring, name="case_message"),
    path("<slug:case>/tasks/<str:task>/complete/", views.complete, name="task_complete"),
    path("<slug:case>/tasks/<str:task>/<slug:act>/", views.act, name="task_act"),
]
