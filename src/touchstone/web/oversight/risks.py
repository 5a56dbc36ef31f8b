"""The page of risks: the heat map before and after control, what the indicators of risk say, and losses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from touchstone.kernel.text import Text
from touchstone.measures.queries.board import Row, board_page
from touchstone.packs.catalogue import catalogue
from touchstone.records.queries import Entry, entries
from touchstone.standard.parameters import parameter
from touchstone.web.access import staff_page
from touchstone.web.request import PageRequest

_LEVELS = (1, 2, 3, 4, 5)
_RISKS, _LOSSES = "risk", "loss-event"
_YEAR = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the map: how many risks lie in it before and after control.

    Attributes:
        tone: ``bad``, ``warn`` or ``ok``, by likelihood times impact and the appetite (CPL-05).
    """

    likelihood: int
    impact: int
    inherent: int
    residual: int
    tone: str


@dataclass(frozen=True, slots=True)
class Losses:
    """What a type of event cost over the last year, CNY."""

    title: Text
    events: int
    gross: Decimal
    recovered: Decimal

    @property
    def net(self) -> Decimal:
        """What was not recovered."""
        return self.gross - self.recovered


@staff_page("oversight.read")
@require_GET
def risks(request: PageRequest) -> HttpResponse:
    """Every risk of the register, those of one cell, the indicators of risk, and a year of losses."""
    every = [item for item in entries(_RISKS) if item.state != "void"]
    likelihood, impact = (_level(request, name) for name in ("likelihood", "impact"))
    shown = [item for item in every if _lies(item, likelihood, impact)]
    shown.sort(key=lambda item: (-_score(item, "residual"), -_score(item, "inherent"), item.id))
    day = request.visitor.day
    page = {
        "rows": [(item, _words(item), _score(item, "inherent"), _score(item, "residual")) for item in shown],
        "map": _map(every, day),
        "levels": _LEVELS,
        "chosen": (likelihood, impact),
        "count": len(every),
        "indicators": _indicators(),
        "losses": _losses(entries(_LOSSES, day - _YEAR, day)),
        "since": day - _YEAR,
    }  # fmt: skip
    return render(request, "web/oversight/risks.html", page)


def _level(request: PageRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text in map(str, _LEVELS) else None


def _lies(item: Entry, likelihood: int | None, impact: int | None) -> bool:
    """Whether a risk lies in the chosen cell after control."""
    values = item.values
    return likelihood in (None, values["residual_likelihood"]) and impact in (
        None,
        values["residual_impact"],
    )


def _score(item: Entry, kind: str) -> int:
    return int(item.values[f"{kind}_likelihood"]) * int(item.values[f"{kind}_impact"])


def _tone(score: int, day: dt.date) -> str:
    """Green, amber or red, as the appetite on ``day`` draws the lines."""
    amber = parameter("compliance.appetite_amber").value_on(day)
    red = parameter("compliance.appetite_red").value_on(day)
    return "bad" if score >= red else "warn" if score >= amber else "ok"


def _map(every: Iterable[Entry], day: dt.date) -> list[tuple[int, list[Cell]]]:
    known = list(every)

    def found(kind: str, likelihood: int, impact: int) -> int:
        return sum(
            item.values[f"{kind}_likelihood"] == likelihood
            and item.values[f"{kind}_impact"] == impact
            for item in known
        )

    return [
        (
            likelihood,
            [
                Cell(
                    likelihood,
                    impact,
                    found("inherent", likelihood, impact),
                    found("residual", likelihood, impact),
                    _tone(likelihood * impact, day),
                )
                for impact in _LEVELS
            ],
        )
        for likelihood in reversed(_LEVELS)
    ]


def _labels(register: str, field: str) -> Mapping[str, Any]:
    found = catalogue().get("register", register)
    assert found is not None, register
    labels: Mapping[str, Any] = found.data["schema"]["properties"][field]["x-labels"]
    return labels


def _words(item: Entry) -> dict[str, Text]:
    return {
        field: Text.from_mapping(_labels(_RISKS, field)[item.values[field]])
        for field in ("domain", "event_type", "response")
    }


def _indicators() -> list[Row]:
    """The indicators of risk on the last measured day, the worst first."""
    worst = ("critical", "missed", "warning", "no_data", "no_target", "met")
    rows = [row for row in board_page().rows if row.words.group == "KRI"]
    known = {status: place for place, status in enumerate(worst)}
    return sorted(rows, key=lambda row: (known.get(row.value.status, 9), row.words.id))


def _losses(found: Iterable[Entry]) -> list[Losses]:
    confirmed = [item for item in found if item.state == "confirmed"]
    rows = []
    for kind, words in _labels(_LOSSES, "event_type").items():
        mine = [item.values for item in confirmed if item.values["event_type"] == kind]
        gross = sum((Decimal(values["gross_loss"]) for values in mine), Decimal(0))
        recovered = sum((Decimal(values["recovered"]) for values in mine), Decimal(0))
        rows.append(Losses(Text.from_mapping(words), len(mine), gross, recovered))
    return sorted(rows, key=lambda row: (-row.net, -row.events))
