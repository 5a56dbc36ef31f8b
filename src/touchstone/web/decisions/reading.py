"""What the pages of a decision show: the list, one decision in force, and how it was used in a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from touchstone.decisions.checking import days_of
from touchstone.decisions.content import CardDecision, ContentDecision, TableDecision
from touchstone.kernel.forms import Field
from touchstone.kernel.text import Text
from touchstone.kernel.time import at_local, day_of, to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.deciding import Fired, Span, fired, used
from touchstone.process.decision_use import DecisionUse, decision_uses
from touchstone.process.decisions import decisions_of
from touchstone.process.sight import Sight
from touchstone.web.access import no_such_page
from touchstone.web.decisions.analysing import AnalysisView, analysis_views
from touchstone.web.decisions.tables import CardView, TableView, card_view, readings_of, table_views
from touchstone.web.decisions.trying import Trial, lit_card, lit_tables, trial
from touchstone.web.decisions.wording import Reading
from touchstone.web.request import PageRequest

DAYS = 30
MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Period:
    """The days that counts are about, both included."""

    first: dt.date
    last: dt.date

    @property
    def span(self) -> Span:
        """The same as instants."""
        return Span(
            to_microseconds(at_local(self.first, dt.time())),
            to_microseconds(at_local(self.last + dt.timedelta(days=1), dt.time())),
        )


def period_of(request: PageRequest) -> Period:
    """The period the address or the form asks for, by default the last thirty days."""
    today = day_of(request.now)
    asked = request.POST if request.method == "POST" else request.GET
    last = min(_day(asked.get("to")) or today, today)
    first = _day(asked.get("from")) or last - dt.timedelta(days=DAYS - 1)
    return Period(max(min(first, last), last - dt.timedelta(days=MOST_DAYS)), last)


def _day(text: str | None) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.year >= 2000 else None


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision of the list; ``rows``: rules or classes."""

    decision: ContentDecision
    rows: int
    uses: tuple[DecisionUse, ...]
    count: int


def decision_lines(sight: Sight, period: Period, day: dt.date) -> tuple[DecisionLine, ...]:
    """Every decision in force, in the order of what it is called."""
    version = catalogue().version
    if not version:
        return ()
    uses, counts = decision_uses(version), used(period.span, sight)
    lines = [
        DecisionLine(decision, _rows(decision, day), uses.get(name, ()), counts.get(name, 0))
        for name, decision in decisions_of(version).items()
    ]
    return tuple(sorted(lines, key=lambda line: (line.decision.clauses, line.decision.id)))


def _rows(decision: ContentDecision, day: dt.date) -> int:
    if isinstance(decision, TableDecision):
        loaded = decision.model_on(day_shown(decision, day))
        return sum(len(table.box.rules) for table in loaded.tables)
    assert isinstance(decision, CardDecision)
    return sum(len(item["bins"]) for item in decision.data["characteristics"])


def decision_now(identity: str) -> ContentDecision:
    """A decision in force.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    version = catalogue().version
    found = decisions_of(version).get(identity) if version else None
    if found is None:
        raise no_such_page()
    return found


def table_now(identity: str) -> TableDecision:
    """A decision in force that is a table; a card is fitted, never typed in.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    found = decision_now(identity)
    if not isinstance(found, TableDecision):
        raise no_such_page()
    return found


def day_shown(decision: ContentDecision, day: dt.date) -> dt.date:
    """The day, or the first on which all parameters of the decision have values."""
    known = tuple(decision.known.values())
    return max(day, days_of(known)[0]) if known else day


def fields_of(identity: str) -> Mapping[str, Field]:
    """Input or output -> the form's field behind it, by the first procedure that has one."""
    found: dict[str, Field] = {}
    for use in decision_uses(catalogue().version).get(identity, ()):
        for name, item in use.fields.items():
            found.setdefault(name, item)
    return found


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Everything the page of one decision shows.

    Attributes:
        groups: decisions of the period by what decided them; ``none``: those no rule decided.
    """

    decision: ContentDecision
    tables: tuple[TableView, ...]
    card: CardView | None
    analysis: tuple[AnalysisView, ...]
    readings: Mapping[str, Reading]
    uses: tuple[DecisionUse, ...]
    trial: Trial
    period: Period
    groups: tuple[Fired, ...]

    @property
    def total(self) -> int:
        """Decisions of the period."""
        return sum(group.count for group in self.groups)

    @property
    def none(self) -> int:
        """Those that no rule decided."""
        return sum(group.count for group in self.groups if not any(group.rules.values()))

    @property
    def title(self) -> Text:
        """What it is called."""
        return self.decision.title


def decision_page(request: PageRequest, identity: str) -> DecisionPage:
    """One decision in force.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    decision, period = decision_now(identity), period_of(request)
    day = day_shown(decision, day_of(request.now))
    fields = fields_of(identity)
    readings = readings_of(decision, day, fields)
    tried = trial(decision, readings, request.GET.dict(), request.now, day)
    groups = fired(identity, period.span, request.visitor.sight)
    counts = counts_of(groups)
    tables: tuple[TableView, ...] = ()
    analysis: tuple[AnalysisView, ...] = ()
    card: CardView | None = None
    if isinstance(decision, TableDecision):
        plain = table_views(decision, day, fields)
        analysis = analysis_views(decision.model_on(day), plain)
        tables = lit_tables(plain, tried.matched, counts)
    elif isinstance(decision, CardDecision):
        shown = card_view(decision, day)
        card = lit_card(shown, tried.matched, counts) if shown else None
    return DecisionPage(
        decision,
        tables,
        card,
        analysis,
        readings,
        decision_uses(catalogue().version).get(identity, ()),
        tried,
        period,
        groups,
    )


def counts_of(groups: tuple[Fired, ...]) -> dict[tuple[str, str], int]:
    """(table or card, rule or class) -> how often it matched."""
    found: dict[tuple[str, str], int] = {}
    for group in groups:
        for table, rules in group.rules.items():
            for rule in rules:
                found[table, rule] = found.get((table, rule), 0) + group.count
    return found


def keys_of(groups: tuple[Fired, ...], table: str, rule: str) -> tuple[str, ...]:
    """The groups in which a rule matched; of every group where none is named."""
    if not rule:
        return tuple(group.key for group in groups)
    return tuple(group.key for group in groups if rule in group.rules.get(table, ()))
