"""What a change of a parameter would touch, before anybody decides on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from touchstone.kernel.parameters import Parameter
from touchstone.kernel.refusal import refuse
from touchstone.measures.queries.values import Words, words
from touchstone.packs.catalogue import Catalogue, catalogue_on
from touchstone.process.parameter_use import RunningCases, Use, names, running_cases_of, uses_of
from touchstone.standard.parameters import parameters
from touchstone.standard.queries import Clause, clauses

_LINES = ("target", "warning", "critical", "floor", "regulatory_limit", "small_denominator")


@dataclass(frozen=True, slots=True)
class IndicatorTouched:
    """An indicator that a change would touch.

    Attributes:
        how: ``line``: the parameter is one of its lines; ``filter``: its filter asks for it;
            ``clock``: it counts the runs of a clock whose limit this is.
        what: the line or the clock.
    """

    words: Words
    how: str
    what: str


@dataclass(frozen=True, slots=True)
class Touched:
    """Everything that a change of one parameter would touch.

    Attributes:
        clauses: the one it comes from first, then those whose wording shows its value or whose
            steps, clocks, controls and indicators use it.
        cases: open cases of the procedures concerned; they keep the version they began with.
    """

    parameter: Parameter
    clauses: tuple[Clause, ...]
    uses: tuple[Use, ...]
    indicators: tuple[IndicatorTouched, ...]
    cases: tuple[RunningCases, ...]


def touched_by(parameter: str, *, as_of: dt.date | None = None) -> Touched:
    """What a change of ``parameter`` would touch in the standard in force on a day; cases are today's.

    Raises:
        Refusal: ``standard.no_such_parameter``.
    """
    standard = catalogue_on(as_of)
    known = parameters(standard.version).get(parameter) if standard.version else None
    if known is None:
        raise refuse(
            "standard.no_such_parameter",
            f"没有参数 {parameter}",
            f"There is no parameter {parameter}",
        )
    uses = uses_of(parameter, standard)
    touched = tuple(_indicators(parameter, uses, standard))
    named = _clauses(known, uses, touched, clauses(standard.version))
    return Touched(known, named, uses, touched, running_cases_of(uses))


def _indicators(
    parameter: str, uses: tuple[Use, ...], standard: Catalogue
) -> list[IndicatorTouched]:
    timed = {(use.number, use.id) for use in uses if use.part == "clock"}
    found = []
    for identity, item in sorted(standard.objects("indicator").items()):
        raw = item.data
        about = words(standard, identity)
        assert about is not None
        found += [
            IndicatorTouched(about, "line", line) for line in _LINES if raw.get(line) == parameter
        ]
        if names(raw["measure"], parameter):
            found.append(IndicatorTouched(about, "filter", raw["measure"]["template"]))
        found += [
            IndicatorTouched(about, "clock", f"{clock['procedure']}/{clock['clock']}")
            for clock in raw["measure"].get("clocks") or ()
            if (clock["procedure"], clock["clock"]) in timed
        ]
    return found


def _clauses(
    parameter: Parameter,
    uses: tuple[Use, ...],
    indicators: tuple[IndicatorTouched, ...],
    known: Mapping[str, Clause],
) -> tuple[Clause, ...]:
    shown = [name for name, item in known.items() if f"(parameter:{parameter.id})" in item.text.zh]
    used = [use.clause for use in uses if use.clause]
    served = [clause for item in indicators for clause in item.words.clauses]
    others = sorted({*shown, *used, *served} - {parameter.clause})
    return tuple(known[name] for name in (parameter.clause, *others) if name in known)
