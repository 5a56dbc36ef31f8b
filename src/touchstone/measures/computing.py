"""Every indicator of a window, computed in one pass; pure but for what the standard in force says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from touchstone.kernel import feel
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.time import at_local, to_microseconds
from touchstone.measures.alive import (
    Asked,
    Liveness,
    Shown,
    bound,
    fed_by_simulation,
    liveness,
    shown_in,
)
from touchstone.measures.counting import Count, Counted, Item, Origin
from touchstone.measures.history import History, start_of
from touchstone.measures.indicators import Definition, Measurement, measure, read_definition
from touchstone.measures.selectors import Standard, Window
from touchstone.measures.templates import TEMPLATES, WHOLE
from touchstone.packs.catalogue import Catalogue, catalogue, per_version
from touchstone.process.deployment import parameter_function
from touchstone.records.registers import register_of
from touchstone.standard.chapters import NORMATIVE
from touchstone.standard.parameters import parameters
from touchstone.standard.queries import Clause, clauses

# Rows that agree with the journal and rows altogether, by table.
Agreement = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Ruler:
    """A version of the standard as far as measuring needs it."""

    version: int
    definitions: tuple[Definition, ...]
    parameters: Mapping[str, Parameter]
    clauses: Mapping[str, Clause]
    about: Standard

    @property
    def served(self) -> frozenset[str]:
        """The clauses that some indicator measures."""
        return frozenset(clause for item in self.definitions for clause in item.clauses)


@dataclass(frozen=True)
class Period:
    """What is measured: a month, or as much of it as has gone.

    Attributes:
        day: the day as of which it is measured.
        last_day: the day whose targets and limits apply.
    """

    name: str
    window: Window
    day: dt.date
    last_day: dt.date


@dataclass(frozen=True)
class Computed:
    """Everything computed for a period.

    Attributes:
        counted: indicator -> its items; None: no source; left out: did not run.
    """

    period: Period
    counted: Mapping[str, Counted | None]
    liveness: Mapping[str, Liveness]
    shown: Shown


def month_of(day: dt.date) -> Period:
    """The whole month of ``day``."""
    first = day.replace(day=1)
    following = (first + dt.timedelta(days=32)).replace(day=1)
    start, end = (to_microseconds(at_local(item, dt.time())) for item in (first, following))
    return Period(f"{day:%Y-%m}", Window(start, end), day, following - dt.timedelta(days=1))


def month_until(day: dt.date) -> Period:
    """The month of ``day`` up to the end of that day.

    The midnight that ends the day belongs to it, because that is where its deadlines lie; the one
    that ends the month belongs to the next, as months do not overlap.
    """
    whole = month_of(day)
    midnight = start_of(day + dt.timedelta(days=1))
    window = Window(whole.window.start, min(midnight + 1, whole.window.end))
    return Period(whole.name, window, day, whole.last_day)


@per_version
def ruler(version: int) -> Ruler:
    """What a version of the standard says about measuring; compiling its filters takes long."""
    standard = catalogue(version)
    known = clauses(standard.version) if standard.version else {}
    numbers = parameters(standard.version) if standard.version else {}
    definitions = tuple(
        read_definition(identity, item.data)
        for identity, item in sorted(standard.objects("indicator").items())
    )
    return Ruler(standard.version, definitions, numbers, known, _about(standard, known, numbers))


def _about(
    standard: Catalogue, known: Mapping[str, Clause], numbers: Mapping[str, Parameter]
) -> Standard:
    procedures = {slug: item.data for slug, item in standard.objects("procedure").items()}
    functions = {"parameter": parameter_function(numbers)}

    @lru_cache(maxsize=256)
    def compiled(text: str) -> feel.Expression:
        names = dict.fromkeys(("fact", "variables", "case"), feel.CONTEXT)
        found = feel.compile(text, names=names, functions=functions)
        assert isinstance(found, feel.Expression), found
        return found

    registers = {name: register_of(standard, name) for name in standard.objects("register")}

    @lru_cache(maxsize=256)
    def compiled_entry(register: str, text: str) -> feel.Expression:
        names = registers[register].form.variables()
        found = feel.compile(text, names=names, functions=functions)
        assert isinstance(found, feel.Expression), found
        return found

    slugs = {data["id"]: slug for slug, data in procedures.items()}
    return Standard(
        slugs, procedures, frozenset(known), compiled, registers, compiled_entry, numbers
    )


def compute(
    history: History, period: Period, known: Ruler, agreement: Agreement | None
) -> Computed:
    """Count every indicator of ``period``; without an ``agreement`` the record's did not run."""
    window, about = period.window, known.about
    windows = {name: _rolling(period, name) for name in _MONTHS}
    counted = {
        item.id: TEMPLATES[item.measure["template"]](
            history, item.measure, windows[item.period], about
        )
        for item in known.definitions
        if item.measure["template"] not in WHOLE
    }
    whole: dict[str, Counted] = {}
    if agreement is not None:
        whole["record_share"] = _records(agreement, window.end)
    counted |= _of_whole(known, whole)
    counted |= _of_whole(known, {"on_target_share": _on_target(counted, period, known)})
    computed = {
        item.id: item.clauses
        for item in known.definitions
        # That of the clauses themselves is computed from what follows here.
        if _has_value(item, counted.get(item.id)) or item.measure["template"] == "alive_share"
    }
    by = bound(about.procedures)
    shown = shown_in(history, window, by)
    fed = fed_by_simulation({item.id: item.measure for item in known.definitions}, history.entries)
    alive = liveness(
        _asked(history, period, known, {"month": shown}),
        computed,
        about.procedures.values(),
        fed,
        percentile=_percentile(known, period.last_day),
    )
    exempt = {clause.id for clause in exempted(known.clauses, period.day)}
    counted_clauses = {name: state for name, state in alive.items() if name not in exempt}
    counted |= _of_whole(known, {"alive_share": _clauses(counted_clauses, window.start)})
    return Computed(period, counted, alive, shown)


# How many months a period of a clause or an indicator reaches back over, that of the day included.
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _asked(
    history: History, period: Period, known: Ruler, shown: dict[str, Shown]
) -> dict[str, Asked]:
    """Every normative clause with what happened in its own period; ``shown`` is filled on the way."""
    by, measured_ones = bound(known.about.procedures), known.served
    found: dict[str, Asked] = {}
    for clause in known.clauses.values():
        if clause.kind not in NORMATIVE:
            continue
        if clause.period not in shown:
            shown[clause.period] = shown_in(history, _rolling(period, clause.period), by)
        found[clause.id] = Asked(shown[clause.period], clause.id in measured_ones, clause.metric)
    return found


def _rolling(period: Period, name: str) -> Window:
    """The window of a period's end that reaches back over whole months."""
    first = _back(period.day, _MONTHS[name] - 1)
    return Window(to_microseconds(at_local(first, dt.time())), period.window.end)


def _back(day: dt.date, months: int) -> dt.date:
    """The first of the month that lies so many months before that of ``day``."""
    number = day.year * 12 + day.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)


def _percentile(known: Ruler, day: dt.date) -> int:
    named = known.parameters.get("measures.metric_percentile")
    value = named.value_on(day) if named else None
    return int(value) if isinstance(value, Decimal) else 100


def exempted(known: Mapping[str, Clause], day: dt.date) -> tuple[Clause, ...]:
    """Normative clauses with a stated exemption that has not expired on ``day``."""
    return tuple(
        clause
        for clause in known.values()
        if clause.kind in NORMATIVE and clause.exempt and clause.exempt["expires"] >= f"{day}"
    )


def _has_value(definition: Definition, counted: Counted | None) -> bool:
    if counted is None:
        return False
    return definition.unit == "count" or counted.total().denominator != 0


def _of_whole(known: Ruler, whole: Mapping[str, Counted]) -> dict[str, Counted]:
    return {
        item.id: whole[item.measure["template"]]
        for item in known.definitions
        if item.measure["template"] in whole
    }


def _on_target(counted: Mapping[str, Counted | None], period: Period, known: Ruler) -> Counted:
    """The indicators that have a target and a value, and whether each meets it."""
    nowhere = Origin("content")
    found: list[Item] = []
    for definition in known.definitions:
        one = counted.get(definition.id)
        if one is None or definition.measure["template"] in WHOLE:
            continue
        value = measure(
            definition,
            one.total(),
            scope="institution",
            period=period.name,
            day=period.last_day,
            parameters=known.parameters,
        )
        if value.target is not None and value.value is not None:
            is_met = value.status == "met"
            reason = "on_target" if is_met else "off_target"
            at = period.window.start
            found.append(Item(definition.id, nowhere, "", 0, at, int(is_met), 1, reason))
    return Counted(tuple(found))


def _records(agreement: Agreement, at: int) -> Counted:
    nowhere = Origin("journal")
    return Counted(
        tuple(
            Item(
                table,
                nowhere,
                "",
                0,
                at,
                agreeing,
                rows,
                "agrees" if agreeing == rows else "differs",
            )
            for table, (agreeing, rows) in sorted(agreement.items())
        )
    )


def _clauses(alive: Mapping[str, Liveness], at: int) -> Counted:
    nowhere = Origin("content")
    return Counted(
        tuple(
            Item(
                name,
                nowhere,
                ",".join(state.missing),
                0,
                at,
                int(state.is_alive),
                1,
                state.state,
            )
            for name, state in sorted(alive.items())
        )
    )


def measured(
    definition: Definition,
    computed: Computed,
    known: Ruler,
    branches: Mapping[str, str] | None = None,
    kinds: tuple[str, ...] | None = None,
) -> tuple[Measurement, ...]:
    """The values of one indicator by scope, the institution first; none where it did not run."""
    if definition.id not in computed.counted:
        return ()
    counted = computed.counted[definition.id]
    wanted = definition.scope if kinds is None else kinds
    parts: Mapping[str, Count | None] = (
        {"institution": None} if counted is None else counted.by_scope(wanted, branches)
    )
    return tuple(
        measure(
            definition,
            count,
            scope=scope,
            period=computed.period.name,
            day=computed.period.last_day,
            parameters=known.parameters,
        )
        for scope, count in parts.items()
    )
