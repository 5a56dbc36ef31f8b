"""Addresses of courses and exams."""

from django.urls import path

from touchstone.web.learning import views

urlpatterns = [
    path("", views.learning, name="learning"),
    path("courses/<str:identity>/", views.course_page, name="course"),
    path("courses/<str:identity>/begin/", views.begin, name="exam_begin"),
    path("courses/<str:identity>/allow/", views.allow, name="exam_allow"),
    path("exams/<str:identity>/", views.exam, name="exam"),
]
