"""Addresses of customers."""

from django.urls import path

from touchstone.web.customers import views

urlpatterns = [
    path("", views.find, name="customers"),
    path("register/", views.register, name="customer_register"),
    path("erase/", views.erase, name="customer_erase"),
    path("<slug:identity>/", views.customer_page, name="customer"),
    path("<slug:identity>/show/", views.show, name="customer_show"),
    path("<slug:identity>/change/", views.change, name="customer_change"),
]
