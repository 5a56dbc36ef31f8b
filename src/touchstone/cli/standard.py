"""``touchstone standard status``: which clauses live, and what the others lack."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace, _SubParsersAction
from typing import Any

from touchstone.cli.database import ready_database
from touchstone.cli.output import emit
from touchstone.measures.queries import board_now
from touchstone.measures.queries.tracing import GAPS, REMEDIES, traces
from touchstone.standard.chapters import NORMATIVE


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    standard = words.add_parser("standard", help="the standard as it lives")
    acts = standard.add_subparsers(dest="act", required=True)
    word = acts.add_parser("status", help="alive, demonstrated, exempted and dead clauses")
    word.add_argument("--as-of", type=dt.date.fromisoformat, metavar="DAY")
    word.add_argument("--check", action="store_true", help="exit 1 when a clause is dead")
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=_status)
    word = acts.add_parser("gaps", help="where the chain from clause to evidence breaks")
    word.add_argument("--as-of", type=dt.date.fromisoformat, metavar="DAY")
    word.add_argument("--check", action="store_true", help="exit 1 when there is a gap")
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=_gaps)


def _gaps(args: Namespace) -> int:
    ready_database()
    found = [trace for trace in traces(args.as_of) if trace.gaps]
    data = {
        "clauses": [{"id": trace.clause.id, "gaps": list(trace.gaps)} for trace in found],
        "by_gap": {gap: sum(gap in trace.gaps for trace in found) for gap in GAPS},
    }
    lines = [
        *(
            f"{trace.clause.id}  {GAPS[gap].en}: {REMEDIES[gap].en}"
            for trace in found
            for gap in trace.gaps
        ),
        f"{len(found)} clauses with a gap",
    ]
    emit(args, data, lines)
    return 1 if args.check and found else 0


def _status(args: Namespace) -> int:
    ready_database()
    found = board_now(args.as_of)
    exempt = {clause.id: clause.exempt or {} for clause in found.exempted()}
    counted = {name: state for name, state in found.liveness.items() if name not in exempt}
    dead = [
        {"id": name, "missing": list(state.missing)}
        for name, state in sorted(counted.items())
        if state.missing
    ]
    themes: dict[str, dict[str, int]] = {}
    for name, state in sorted(counted.items()):
        theme = themes.setdefault(found.clauses[name].theme, {"clauses": 0, "alive": 0})
        theme["clauses"] += 1
        theme["alive"] += state.is_alive
    data = {
        "clauses": len(found.clauses),
        "normative": sum(clause.kind in NORMATIVE for clause in found.clauses.values()),
        "alive": sum(state.is_alive for state in counted.values()),
        "demonstrated": sum(state.is_demonstrated for state in counted.values()),
        "exempted": [
            {"id": name, **{key: facts.get(key) for key in ("reason", "owner", "expires")}}
            for name, facts in sorted(exempt.items())
        ],
        "dead": dead,
        "by_theme": themes,
        "period": found.period,
    }
    lines = [
        f"{data['clauses']} clauses, {data['normative']} normative: {data['alive']} alive,"
        f" {data['demonstrated']} demonstrated, {len(exempt)} exempted, {len(dead)} dead",
        *(f"{theme}  {item['alive']}/{item['clauses']}" for theme, item in themes.items()),
    ]
    emit(args, data, lines)
    return 1 if args.check and dead else 0
