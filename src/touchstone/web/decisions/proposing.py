"""A draft of a decision table as its page shows it: the grid, what is wrong with it, what it changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from touchstone.decisions.checking import WHY, WHY_EN
from touchstone.decisions.content import TableDecision
from touchstone.decisions.loading import DecisionModelError
from touchstone.decisions.revising import Row, rows_of
from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.proposals import REVISION, Proposal, load_proposal, problems_of
from touchstone.standard.parameters import parameters
from touchstone.web.access import no_such_page
from touchstone.web.acting import context_of
from touchstone.web.decisions.analysing import AnalysisView, analysis_views
from touchstone.web.decisions.comparing import TableComparison, compared
from touchstone.web.decisions.reading import day_shown, fields_of
from touchstone.web.decisions.tables import TableView, table_views
from touchstone.web.intake.desks import Counter, counter_of
from touchstone.web.request import PageRequest
from touchstone.web.visitor import Visitor

# A form holds at most so many inputs; a larger table is changed in its file and uploaded.
MOST_INPUTS = 900
_NOTES = {WHY: Text("说明（中文）", "Why (Chinese)"), WHY_EN: Text("说明（英文）", "Why (English)")}


def desk_of(visitor: Visitor) -> Counter:
    """Where the visitor may begin a revision.

    Raises:
        Refusal: ``web.no_such_page``: his posts may not.
    """
    if REVISION not in catalogue().objects("procedure"):
        raise no_such_page()
    return counter_of(visitor, REVISION)


def may_propose(visitor: Visitor) -> bool:
    """Whether one of his posts begins revisions."""
    posts = set()
    item = catalogue().get("procedure", REVISION)
    if item is not None:
        posts = set((item.data.get("start") or {}).get("posts") or ())
    return any(holding.post in posts for holding in visitor.holdings)


@dataclass(frozen=True, slots=True)
class Checked:
    """A proposed file, examined.

    Attributes:
        decision: None where it cannot be loaded.
        comparisons: beside the decision in force, by table.
    """

    decision: TableDecision | None
    problems: tuple[Problem, ...]
    tables: tuple[TableView, ...]
    analysis: tuple[AnalysisView, ...]
    comparisons: tuple[TableComparison, ...]

    @property
    def changes(self) -> bool:
        """Whether anything differs from what is in force."""
        return any(not item.is_same for item in self.comparisons)


def checked(current: TableDecision, content: bytes, today: dt.date) -> Checked:
    """What a proposed file would be."""
    problems = problems_of(current.id, content)
    fields = fields_of(current.id)
    try:
        made = proposed_decision(current, content)
        day = day_shown(made, today)
        tables = table_views(made, day, fields)
        analysis = analysis_views(made.model_on(day), tables)
    except DecisionModelError as error:
        told = tuple(dict.fromkeys((*problems, *error.problems)))
        return Checked(None, told, (), (), ())
    now = table_views(current, day_shown(current, today), fields)
    pairs = compared((current.content, now), (content, tables))
    return Checked(made, problems, tables, analysis, pairs)


def proposed_decision(current: TableDecision, content: bytes) -> TableDecision:
    """The decision that a proposed file is, with the parameters in force.

    Raises:
        DecisionModelError: it cannot be loaded.
    """
    return TableDecision(current.id, content, current.file, parameters(catalogue().version))


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of one table to change.

    Attributes:
        headings: of conditions, results and notes, from left to right.
        can_change: whether a form can hold it.
    """

    table: TableView
    headings: tuple[Text, ...]
    rows: tuple[Row, ...]
    can_change: bool


def grid_of(content: bytes, current: TableView) -> Grid:
    """The grid of one table; its headings are those in force."""
    rows = rows_of(content, current.id)
    titles = [one.title for one in (*current.inputs, *current.outputs)]
    width = max((len(row.cells) for row in rows), default=0)
    notes = [_NOTES.get(name, Text(name, name)) for name in current.notes]
    headings = (titles + notes + [Text("", "")] * width)[:width]
    fits = sum(len(row.cells) + 1 for row in rows) <= MOST_INPUTS
    return Grid(current, tuple(headings), rows, fits)


def typed_rows(request: PageRequest, width: int) -> tuple[Row, ...]:
    """The rows as they were sent.

    Raises:
        Refusal: ``decisions.wrong_rows``.
    """
    text = request.POST.get("rows", "")
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1
    if not 0 <= count * (width + 1) <= MOST_INPUTS:
        raise refuse(
            "decisions.wrong_rows",
            "提交的行与当前草稿不符",
            "The rows sent are not those of the draft",
            remedy_zh="请刷新页面后重新修改",
            remedy_en="Reload the page and change it anew",
        )
    return tuple(
        Row(
            request.POST.get(f"id_{n}", ""),
            tuple(request.POST.get(f"c_{n}_{m}", "") for m in range(width)),
        )
        for n in range(count)
    )


def rearranged(rows: Sequence[Row], what: str, conditions: int) -> tuple[Row, ...]:
    """The rows after one press: ``add:2``, ``remove:2``, ``up:2``, ``down:2``, counted from 0."""
    act, _, place = what.partition(":")
    found = list(rows)
    number = int(place) if place.isascii() and place.isdigit() and len(place) < 5 else -1
    if not 0 <= number < len(found):
        return tuple(found)
    if act == "add":
        width = len(found[number].cells)
        cells = tuple("-" if n < conditions else "" for n in range(width))
        found.insert(number + 1, Row("", cells))
    elif act == "remove" and len(found) > 1:
        found.pop(number)
    elif act in ("up", "down"):
        other = number + (-1 if act == "up" else 1)
        if 0 <= other < len(found):
            found[number], found[other] = found[other], found[number]
    return tuple(found)


def own_proposal(request: PageRequest, identity: str) -> Proposal | None:
    """The visitor's draft of a decision."""
    unit = desk_of(request.visitor).units[0][0]
    return load_proposal(replace(context_of(request), key=None), identity, unit)
