"""``touchstone bench``: what things cost, beside a peer or a floor in the same run."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from touchstone.cli.output import emit, progress


def register(words: Any) -> None:
    """Add ``bench engine | worklist | logs | pages | decisions``."""
    bench: ArgumentParser = words.add_parser("bench", help="measure speed beside a peer")
    parts = bench.add_subparsers(dest="part", metavar="PART", required=True)
    for name, run, text in (
        ("engine", _engine, "steps a second of a 10-step approval, beside its floor"),
        ("worklist", _worklist, "one person's worklist over 100,000 open tasks"),
        ("logs", _logs, "importing a real event log, beside PM4Py"),
        ("pages", _pages, "server time of every page, also with 100,000 open tasks"),
        ("decisions", _decisions, "decisions a second by a DMN table, beside zen-engine"),
    ):
        part = parts.add_parser(name, help=text)
        part.add_argument("--json", action="store_true", help="print one JSON object")
        if name == "engine":
            part.add_argument("--full", action="store_true", help="longer slices, steadier figures")
        part.set_defaults(run=run)


def _engine(args: Namespace) -> int:
    from touchstone.bench.engine import bench_engine

    with progress("bench engine") as advance:
        found = bench_engine(full=args.full, progress=advance)
    emit(args, found, _engine_lines(found))
    return 0


def _engine_lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "database    clients  steps   steps/s     floor    ratio  reference    ratio"
        "   bytes/step  WAL/step  engine µs"
    )
    for line in found["results"]:
        yield (
            f"{line['database']:<10} {line['clients']:>8} {line['procedure_steps']:>6}"
            f" {line['steps_per_second']:>9.1f} {line['floor_steps_per_second']:>9.1f}"
            f" {line['ratio_to_floor']:>8.2f} {_shown(line['reference_steps_per_second'], 10)}"
            f" {_shown(line['ratio_to_reference'], 8, 2)} {line['bytes_per_step']:>12.0f}"
            f" {_shown(line['wal_bytes_per_step'], 9, 0)}"
            f" {line['engine_microseconds_per_step']:>10.1f}"
        )
    yield (
        f"a step of 200 costs {found['cost_of_200_steps_to_10']:.2f} times a step of 10"
        f" ({found['cost_with_database_of_200_steps_to_10']:.2f} with the database)"
        f" and takes {found['time_of_200_steps_to_10']:.2f} times as long"
        f" (its floor {found['floor_time_of_200_steps_to_10']:.2f})"
    )
    for line in found["not_measured"]:
        yield f"not measured: {line['database']}: {line['reason']}"
    yield "floor: the same rows and commits by bare statements; reference: emulated classic engine"


def _shown(value: float | None, width: int, digits: int = 1) -> str:
    return f"{'—':>{width}}" if value is None else f"{value:>{width}.{digits}f}"


def _worklist(args: Namespace) -> int:
    from touchstone.bench.worklist import bench_worklist

    return _on_databases(args, "worklist", bench_worklist)


def _pages(args: Namespace) -> int:
    from touchstone.bench.pages import bench_pages

    return _on_databases(args, "pages", bench_pages)


def _on_databases(
    args: Namespace, name: str, measure: Callable[[list[str]], list[dict[str, Any]]]
) -> int:
    """Measure on SQLite and, where there is one, on PostgreSQL."""
    from touchstone.bench.engine import postgresql
    from touchstone.bench.postgresql import NoPostgresqlError

    missing: list[dict[str, str]] = []
    with ExitStack() as stack:
        addresses = [""]
        try:
            addresses.append(stack.enter_context(postgresql()))
        except NoPostgresqlError as reason:
            missing.append({"name": f"{name}, postgresql", "reason": str(reason)})
        results = measure(addresses)
    emit(args, {"results": results, "not_measured": missing}, _lines(results, missing))
    return 0


def _logs(args: Namespace) -> int:
    from touchstone.bench.logs import bench_logs

    with progress("bench logs") as advance:
        results, missing = bench_logs(progress=advance)
    lines = [line.as_dict() for line in results]
    emit(args, {"results": lines, "not_measured": missing}, _lines(lines, missing))
    return 0


def _decisions(args: Namespace) -> int:
    from touchstone.bench.decisions import bench_decisions

    with progress("bench decisions") as advance:
        results, missing = bench_decisions(progress=advance)
    lines = [line.as_dict() for line in results]
    emit(args, {"results": lines, "not_measured": missing}, _decision_lines(lines, missing))
    return 0


def _decision_lines(
    results: Iterable[Mapping[str, Any]], missing: Iterable[Mapping[str, str]]
) -> Iterator[str]:
    for line in results:
        peer = line["peer_decisions_per_second"]
        beside = f"; {line['peer']}: {peer:,.0f} ({line['ratio']}×)" if peer else ""
        yield (
            f"{line['table']}: {line['decisions_per_second']:,.0f} decisions a CPU second{beside};"
            f" deployed and analysed in {line['seconds_to_deploy']} s"
        )
    for line in missing:
        yield f"not measured: {line['name']}: {line['reason']}"


def _lines(
    results: Iterable[Mapping[str, Any]], missing: Iterable[Mapping[str, str]]
) -> Iterator[str]:
    for line in results:
        peer = line["peer_value"]
        beside = f"; {line['peer']}: {peer} {line['unit']} ({line['ratio']}×)" if peer else ""
        yield f"{line['name']}: {line['value']} {line['unit']}{beside}"
    for line in missing:
        yield f"not measured: {line['name']}: {line['reason']}"
