"""Decisions a second, beside zen-engine on the same table in the same process; deploying a large table.

The peer is used its fastest way: an engine with a static loader, contexts handed over as dicts. Both
get the same rows, in alternation; a figure is the best of the rounds, and counts reading the value,
the rules that matched and, on our side, the trace. The peer is measured without a trace, which is
faster for it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from touchstone.decisions import Model, load_bytes
from touchstone.decisions.analysis import analyse

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
_PURPOSES = ("home", "car", "study", "other")


@dataclass(frozen=True)
class Measured:
    """One line of the bench.

    Attributes:
        peer_decisions_per_second: None where the peer is not installed.
        seconds_to_deploy: to load and analyse the table, in CPU time.
    """

    table: str
    rows: int
    decisions_per_second: float
    peer: str
    peer_decisions_per_second: float | None
    ratio: float | None
    seconds_to_deploy: float
    findings: int

    def as_dict(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return asdict(self)


@dataclass(frozen=True)
class Rule:
    """Conditions on a score and a purpose, and the limit they earn; None is any."""

    low: int | None
    high: int | None
    purpose: str | None
    limit: int


def rules_of(rows: int) -> list[Rule]:
    """A complete table of ``rows`` rules without overlap: bands of the score by purpose."""
    purposes = _PURPOSES[:2]
    bands = rows // len(purposes)
    edges = [300 + 550 * number // bands for number in range(1, bands)]
    if bands > 550:
        raise ValueError("there are no more whole scores than that")
    found = []
    for band, (low, high) in enumerate(zip([None, *edges], [*edges, None], strict=True)):
        for place, purpose in enumerate(purposes):
            found.append(Rule(low, high, purpose, 1000 * (band + 1) + 100 * place))
    return found


def as_dmn(rules: list[Rule]) -> bytes:
    """The table as DMN."""
    rows = "".join(
        f"<rule id='r{number}'><inputEntry><text>{escape(_band(rule))}</text></inputEntry>"
        f"<inputEntry><text>{escape(_text(rule.purpose))}</text></inputEntry>"
        f"<outputEntry><text>{rule.limit}</text></outputEntry></rule>"
        for number, rule in enumerate(rules)
    )
    named = ", ".join(_text(purpose) for purpose in _PURPOSES[:2])
    return (
        f"<definitions xmlns={quoteattr(NAMESPACE)} name='bench' namespace='bench'>"
        "<inputData id='s' name='score'><variable name='score' typeRef='number'/></inputData>"
        "<inputData id='p' name='purpose'><variable name='purpose' typeRef='string'/></inputData>"
        "<decision id='l' name='limit'><variable name='limit' typeRef='number'/>"
        "<informationRequirement><requiredInput href='#s'/></informationRequirement>"
        "<informationRequirement><requiredInput href='#p'/></informationRequirement>"
        "<decisionTable hitPolicy='UNIQUE'>"
        "<input><inputExpression typeRef='number'><text>score</text></inputExpression></input>"
        "<input><inputExpression typeRef='string'><text>purpose</text></inputExpression>"
        f"<inputValues><text>{escape(named)}</text></inputValues></input>"
        f"<output name='limit' typeRef='number'/>{rows}</decisionTable></decision></definitions>"
    ).encode()


def _band(rule: Rule) -> str:
    if rule.low is None:
        return "-" if rule.high is None else f"< {rule.high}"
    return f">= {rule.low}" if rule.high is None else f"[{rule.low}..{rule.high})"


def _text(purpose: str | None) -> str:
    return "-" if purpose is None else f'"{purpose}"'


def as_jdm(rules: list[Rule]) -> dict[str, Any]:
    """The same table in the peer's own format, first hit."""
    rows = [
        {
            "_id": f"r{number}",
            "i1": "" if _band(rule) == "-" else _band(rule),
            "i2": "" if rule.purpose is None else _text(rule.purpose),
            "o1": str(rule.limit),
        }
        for number, rule in enumerate(rules)
    ]
    table = {
        "hitPolicy": "first",
        "inputs": [
            {"id": "i1", "name": "score", "field": "score"},
            {"id": "i2", "name": "purpose", "field": "purpose"},
        ],
        "outputs": [{"id": "o1", "name": "limit", "field": "limit"}],
        "rules": rows,
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {
            "id": "t",
            "type": "decisionTableNode",
            "name": "t",
            "content": table,
            "position": {"x": 1, "y": 0},
        },
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "e1", "type": "edge", "sourceId": "in", "targetId": "t"},
        {"id": "e2", "type": "edge", "sourceId": "t", "targetId": "out"},
    ]
    return {"nodes": nodes, "edges": edges}


def cases_of(count: int) -> list[tuple[int, str]]:
    """Scores and purposes, the same at every run."""
    chance = random.Random(7)  # noqa: S311 - a fixed sequence of cases
    return [(chance.randint(250, 900), chance.choice(_PURPOSES[:2])) for _ in range(count)]


def peer_of(rules: list[Rule]) -> tuple[str, Callable[[dict[str, Any]], Any]] | None:
    """The peer's name and its decision, None where it is not installed."""
    try:
        import zen
    except ImportError:
        return None
    from importlib.metadata import PackageNotFoundError, version

    try:
        name = f"zen-engine {version('zen-engine')}"
    except PackageNotFoundError:
        name = "zen-engine"
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"t": as_jdm(rules)}}})
    return name, lambda context: engine.evaluate("t", context)["result"]["limit"]


def _rate(work: Callable[[], Any], count: int) -> float:
    started = time.process_time()
    work()
    return count / (time.process_time() - started)


def measure(rows: int, *, rounds: int = 5, count: int = 4000) -> Measured:
    """One table on both engines.

    Raises:
        RuntimeError: the two do not give the same results.
    """
    rules = rules_of(rows)
    xml = as_dmn(rules)
    started = time.process_time()
    model = load_bytes(xml, f"bench-{rows}.dmn")
    findings = sum(len(table.findings) for table in analyse(model))
    deployed = time.process_time() - started
    cases = cases_of(count)
    ours = [{"score": Decimal(score), "purpose": purpose} for score, purpose in cases]
    theirs = [{"score": score, "purpose": purpose} for score, purpose in cases]
    peer = peer_of(rules)
    if peer is not None:
        _same(model, peer[1], ours, theirs)
    mine, other = 0.0, 0.0
    for _ in range(rounds):
        mine = max(mine, _rate(lambda: _decide(model, ours), count))
        if peer is not None:
            other = max(other, _rate(lambda: [peer[1](case) for case in theirs], count))
    return Measured(
        f"{rows} rules, 2 inputs",
        rows,
        round(mine, 1),
        peer[0] if peer else "zen-engine",
        round(other, 1) if peer else None,
        round(mine / other, 2) if peer else None,
        round(deployed, 4),
        findings,
    )


def _decide(model: Model, cases: list[dict[str, Any]]) -> None:
    evaluate = model.evaluate
    for case in cases:
        result = evaluate("limit", case)
        _ = result.value, result.matched_rules, result.trace


def _same(
    model: Model,
    peer: Callable[[dict[str, Any]], Any],
    ours: list[dict[str, Any]],
    theirs: list[dict[str, Any]],
) -> None:
    for mine, other in list(zip(ours, theirs, strict=True))[:200]:
        found, expected = model.evaluate("limit", mine).value, peer(other)
        if found != Decimal(str(expected)):
            raise RuntimeError(f"{other}: we decide {found}, the peer decides {expected}")


def bench_decisions(
    *,
    sizes: Sequence[int] = (10, 1000),
    rounds: int = 5,
    count: int = 4000,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[list[Measured], list[dict[str, str]]]:
    """Tables of ten and a thousand rules; and what was not measured and why."""
    results = []
    for number, rows in enumerate(sizes):
        results.append(measure(rows, rounds=rounds, count=count))
        progress(number + 1, len(sizes))
    missing = []
    if results[0].peer_decisions_per_second is None:
        reason = "zen-engine is not installed; it comes with the bench extra"
        missing.append({"name": "peer", "reason": reason})
    return results, missing
