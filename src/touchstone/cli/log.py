"""``touchstone log``: import event logs of foreign systems, mine, check and observe them."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from touchstone.cli.output import emit, progress
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import INSTITUTION_ZONE, SystemClock


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    log = words.add_parser(
        "log", help="import, mine, check and observe event logs of other systems"
    )
    acts = log.add_subparsers(dest="act", required=True)

    word = _word(acts, "import", _import, "read XES (.gz), CSV with a mapping, or OCEL 2.0")
    word.add_argument("file", type=Path, metavar="FILE")
    word.add_argument(
        "--mapping", type=Path, help="YAML: case, activity, timestamp, resource, format, zone"
    )
    word.add_argument(
        "--case-type", metavar="TYPE", help="OCEL: the type of object that is the case"
    )
    word.add_argument("--zone", metavar="Z", help="OCEL: zone of times without an offset (UTC)")
    word.add_argument("--name", help="id of the log (default: from the file's name)")

    _word(acts, "list", _list, "logs imported so far")

    word = _word(acts, "mine", _mine, "variants, directly-follows map, durations")
    word.add_argument("log", metavar="LOG")

    word = _word(acts, "check", _check, "time limits, four eyes and order of steps")
    word.add_argument("log", metavar="LOG")
    word.add_argument(
        "--within", nargs=3, metavar=("FROM", "TO", "LIMIT"), help="e.g. 2wd, 48h, 15d"
    )
    word.add_argument(
        "--four-eyes", nargs=2, metavar=("A", "B"), help="not both by the same person"
    )
    word.add_argument("--order", nargs=2, metavar=("A", "B"), help="no B without an A before it")
    word.add_argument("--calendar", default="weekdays", metavar="C", help="weekdays, cn, or a file")
    word.add_argument(
        "--zone", default=INSTITUTION_ZONE.key, metavar="Z", help="e.g. Europe/Amsterdam"
    )

    word = _word(acts, "observe", _observe, "make observed cases of a procedure from a log")
    word.add_argument("log", metavar="LOG")
    word.add_argument("--procedure", required=True, metavar="SLUG", help="e.g. large_transfer")
    word.add_argument(
        "--mapping",
        required=True,
        type=Path,
        metavar="FILE",
        help="YAML: source, unit, activities; begins, persons, ignore",
    )


def _word(acts: _SubParsersAction[Any], name: str, run: Any, text: str) -> ArgumentParser:
    word: ArgumentParser = acts.add_parser(name, help=text)
    word.add_argument("--json", action="store_true")
    word.set_defaults(run=run)
    return word


def _import(args: Namespace) -> int:
    from touchstone.journal.unit_of_work import ActContext
    from touchstone.measures.logs.calendars import zone_named
    from touchstone.measures.logs.delimited import read_mapping
    from touchstone.measures.logs.importing import import_log
    from touchstone.measures.logs.problems import LogBroken, as_refusal

    started = time.monotonic()
    _database_stands()
    try:
        mapping = read_mapping(args.mapping) if args.mapping else None
    except LogBroken as broken:
        raise as_refusal(broken.problems) from None
    context = ActContext("system:log", SystemClock(), SystemChance())
    with progress(f"import {args.file.name}") as advance:
        note = import_log(
            context,
            args.file,
            mapping=mapping,
            case_type=args.case_type,
            zone=zone_named(args.zone) if args.zone else None,
            name=args.name,
            progress=lambda cases: advance(cases),
        )
    data = {**_fields(note), "seconds": round(time.monotonic() - started, 3)}
    emit(args, data, [_line(data), f"{data['seconds']} s"])
    return 0


def _database_stands() -> None:
    """A log may be the first thing that anybody does here."""
    from django.core.management import call_command
    from django.db import connection

    if "journal_event" not in connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)


def _fields(note: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(note)


def _line(data: Mapping[str, Any]) -> str:
    return (
        f"{data['log']}: {data['cases']:,} cases, {data['events']:,} events,"
        f" {data['activities']} activities, {data['variants']:,} variants,"
        f" {data['directly_follows_pairs']} directly-follows pairs, {data['first']} – {data['last']}"
    )


def _list(args: Namespace) -> int:
    from touchstone.measures.logs.store import notes

    logs = [_fields(note) for note in notes()]
    emit(args, {"logs": logs}, [_line(log) for log in logs] or ["no logs yet / 尚无日志"])
    return 0


def _mine(args: Namespace) -> int:
    from touchstone.measures.logs.mining import mine

    mined = mine(args.log)
    data = {
        "cases": mined.cases,
        "variants": len(mined.variants),
        "top_variant_cases": mined.variants[0][1],
        "top_variants": [
            {"cases": cases, "steps": list(steps)} for steps, cases in mined.variants[:10]
        ],
        "median_case_seconds": mined.median_case_seconds,
        "mean_case_seconds": mined.mean_case_seconds,
        "directly_follows": [list(edge) for edge in mined.directly_follows],
    }
    day = 86_400
    lines = [
        f"{mined.cases:,} cases, {len(mined.variants):,} variants",
        f"median {mined.median_case_seconds / day:.2f} days, mean {mined.mean_case_seconds / day:.2f} days",
        *(f"{cases:>8,}  {' → '.join(steps)}" for steps, cases in mined.variants[:5]),
        f"{len(mined.directly_follows)} directly-follows pairs",
        *(f"{n:>8,}  {a} → {b}  ({s / 3600:.2f} h)" for a, b, n, s in mined.directly_follows[:20]),
    ]
    emit(args, data, lines)
    return 0


def _check(args: Namespace) -> int:
    from touchstone.kernel.limits import Limit
    from touchstone.measures.logs.calendars import calendar_named, institution_calendar, zone_named
    from touchstone.measures.logs.checking import Checker
    from touchstone.measures.logs.store import events_path

    if not (args.within or args.four_eyes or args.order):
        raise refuse(
            "log.nothing_to_check",
            "请给出 --within、--four-eyes 或 --order",
            "Say what to check: --within, --four-eyes or --order",
        )
    started = time.monotonic()
    checker = Checker(events_path(args.log))
    zone = zone_named(args.zone)
    _database_stands()
    calendar = institution_calendar(args.calendar, zone) or calendar_named(args.calendar, zone)
    data: dict[str, Any] = {
        "log": args.log,
        "cases": checker.cases,
        "calendar": calendar.id,
        "zone": args.zone,
        **dict.fromkeys(("judged", "breaches", "breach_count", "median_working_seconds")),
        **dict.fromkeys(("violations", "violation_count", "violation_base")),
    }
    lines = [f"{checker.cases:,} cases"]
    if args.within:
        first, second, written = args.within
        try:
            limit = Limit.parse(written)
        except ValueError as error:
            raise refuse("log.not_a_limit", f"“{written}”不是时限", str(error)) from None
        within = checker.within(first, second, limit, calendar)
        data |= {
            "judged": within.judged,
            "breaches": within.breaches,
            "breach_count": len(within.breaches),
            "median_working_seconds": within.median_working_seconds,
            "open": within.open,
            "to_without_from": within.without_from,
            "to_without_from_count": len(within.without_from),
            "provisional": within.provisional,
        }
        lines.append(
            f"{first} → {second} within {limit}: {within.judged:,} judged,"
            f" {len(within.breaches):,} breaches, {within.open:,} open;"
            f" median {(within.median_working_seconds or 0) / 3600:.2f} working hours"
        )
    if args.four_eyes:
        eyes = checker.four_eyes(*args.four_eyes)
        data |= {
            "violations": eyes.violations,
            "violation_count": len(eyes.violations),
            "violation_base": eyes.base,
            "violation_unknown": eyes.unknown,
        }
        lines.append(f"four eyes: {len(eyes.violations):,} of {eyes.base:,} cases by one person")
    if args.order:
        order = checker.order(*args.order)
        data |= {
            "order_violations": order.violations,
            "order_violation_count": len(order.violations),
            "order_base": order.base,
        }
        lines.append(f"order: {len(order.violations):,} of {order.base:,} cases out of order")
    emit(args, {**data, "seconds": round(time.monotonic() - started, 3)}, lines)
    return 0


def _observe(args: Namespace) -> int:
    from dataclasses import asdict

    from touchstone.journal.unit_of_work import ActContext
    from touchstone.measures.logs.observable import columns_of, events_of
    from touchstone.process.actions.observing import observe
    from touchstone.process.observation_mapping import read_observation_mapping

    started = time.monotonic()
    mapping = read_observation_mapping(_yaml(args.mapping))
    columns = columns_of(args.log)
    _database_stands()
    context = ActContext("system:log", SystemClock(), SystemChance())
    found = observe(context, args.procedure, mapping, columns, events_of(args.log))
    data = {
        "log": args.log,
        "procedure": args.procedure,
        **asdict(found),
        "seconds": round(time.monotonic() - started, 3),
    }
    judged = found.controls
    lines = [
        f"{found.cases:,} cases, {found.begun:,} new; {found.events:,} new events",
        f"{found.breaches:,} deadlines missed",
        f"control points: {judged['met']:,} met, {judged['not_met']:,} not met,"
        f" {judged['not_judged']:,} not judged",
    ]
    emit(args, data, lines)
    return 0


def _yaml(path: Path) -> Any:
    from touchstone.kernel.problem import Problem
    from touchstone.packs.source import load_yaml

    try:
        found = load_yaml(path.read_bytes(), path.name)
    except OSError as error:
        raise _unreadable(str(error), str(error)) from None
    if isinstance(found, Problem):
        raise _unreadable(found.text_zh, found.text_en)
    return found


def _unreadable(zh: str, en: str) -> Refusal:
    return refuse(
        "observing.mapping_unreadable",
        f"映射文件无法读取：{zh}",
        f"the mapping cannot be read: {en}",
        remedy_zh="请检查文件路径与 YAML 格式",
        remedy_en="Check the file's path and its YAML",
    )
