"""Addresses of the pages, area by area."""

from django.urls import include, path

from touchstone.web import demo, language, views
from touchstone.web.oversight.risks import risks

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("language/", language.choose, name="language"),
    path("demo/step-in/", demo.step_in, name="step_in"),
    path("components/", views.components, name="components"),
    path("board/", include("touchstone.web.board.urls")),
    path("cases/", include("touchstone.web.cases.urls")),
    path("intake/", include("touchstone.web.intake.urls")),
    path("procedures/", include("touchstone.web.procedures.urls")),
    path("standard/decisions/", include("touchstone.web.decisions.urls")),
    path("standard/", include("touchstone.web.standard.urls")),
    path("my/", include("touchstone.web.portal.urls")),
    path("work/", include("touchstone.web.work.urls")),
    path("customers/", include("touchstone.web.customers.urls")),
    path("search/", include("touchstone.web.search.urls")),
    path("oversight/", include("touchstone.web.oversight.urls")),
    path("findings/", include("touchstone.web.improvement.urls")),
    path("reports/", include("touchstone.web.reports.urls")),
    path("learning/", include("touchstone.web.learning.urls")),
    path("risks/", risks, name="risks"),
    path("messages/", include("touchstone.web.messages.urls")),
    path("settings/", include("touchstone.web.settings.urls")),
    path("registers/", include("touchstone.web.registers.urls")),
    path("", include("touchstone.web.people.urls")),
    path("journal/", include("touchstone.web.journal.urls")),
]
