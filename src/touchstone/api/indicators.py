"""Indicators: what was measured and stored, by period and scope."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from touchstone.api.caller import caller_of, needs
from touchstone.api.shapes import Words, number, said
from touchstone.measures.queries.board import Row, board_page

router = Router(tags=["indicators"])
Period = Annotated[
    str | None,
    Query(None, pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="Month, by default the last"),
]
Scope = Annotated[
    str,
    Query(
        "institution",
        pattern=r"^(institution|(branch|unit|channel|product):[A-Za-z0-9_.-]{1,64})$",
        description="`institution`, `branch:ID`, `unit:ID`, `channel:NAME` or `product:NAME`",
    ),
]


class IndicatorItem(Schema):
    """One indicator with its value; shares lie between 0 and 1."""

    id: str
    title: Words
    theme: str
    clauses: list[str]
    unit: str
    direction: str = Field(description="`up`: more is better; `down`: less is")
    status: str
    status_text: Words
    value: str | None = Field(description="Decimal text; null: no data, and `status` says why")
    numerator: int | None
    denominator: int | None
    lines: dict[str, str] = Field(description="target, warning, critical, floor, regulatory_limit")


class Measured(Schema):
    """Every indicator of a period for one scope."""

    period: str
    as_of: dt.date | None = Field(description="The day as of which it was measured")
    scope: str
    items: list[IndicatorItem]


@router.get("", response=Measured, **needs("indicators:read"), summary="Measured indicators")
def measured(request: HttpRequest, period: Period, scope: Scope) -> Measured:
    """The stored measurements; one that was not made is `no data`, never 0."""
    caller_of(request).require("board.read")
    page = board_page(period, scope)
    return Measured(
        period=page.period,
        as_of=page.as_of,
        scope=page.scope.id,
        items=[_item(row) for row in page.rows],
    )


def _item(row: Row) -> IndicatorItem:
    words, value = row.words, row.value
    return IndicatorItem(
        id=words.id,
        title=said(words.title),
        theme=words.theme,
        clauses=list(words.clauses),
        unit=words.unit,
        direction=words.direction,
        status=value.status,
        status_text=said(value.status_text),
        value=number(value.value),
        numerator=value.numerator,
        denominator=value.n,
        lines={name: format(line, "f") for name, line in value.lines.items()},
    )
