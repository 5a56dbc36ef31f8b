"""What must hold at the end of every simulation; each broken one is named."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

from django.db import connection

from touchstone.clocks.queries import unnoticed_count
from touchstone.decisions.limits.queries import broken_exposures
from touchstone.journal.reading import rows
from touchstone.journal.replay import replay
from touchstone.journal.verify import verify
from touchstone.packs.catalogue import catalogue


def broken_invariants(now: dt.datetime) -> list[str]:
    """Every invariant that does not hold, in words."""
    found: list[str] = []
    verified = verify()
    if verified.first_broken:
        found.append(f"the chain is broken at {verified.first_broken}")
    for table, result in replay().items():
        if result.differences:
            found.append(f"{table}: {result.differences} rows differ from their replay")
    unnoticed = unnoticed_count(now)
    if unnoticed:
        found.append(f"{unnoticed} clocks are overdue without a breach")
    untold = _untold_breaches()
    if untold:
        found.append(f"{untold} breaches were told to nobody")
    found.extend(broken_exposures())
    found.extend(_kept_for_nobody())
    found.extend(_own_work())
    found.extend(_before_review())
    found.extend(_own_entry())
    return found


def _own_entry() -> list[str]:
    """Nobody confirmed an entry he wrote."""
    found: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, confirmed_by, writers FROM records_entry WHERE state = 'confirmed'"
            " ORDER BY id"
        )
        for entry, confirmed_by, writers in cursor.fetchall():
            if confirmed_by in json.loads(writers):
                found.append(f"entry {entry}: {confirmed_by} confirmed what he wrote")
    return found


def _kept_for_nobody() -> list[str]:
    """No case that is over keeps anything of a limit reserved."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.limit_id, h.holder, h.reserved FROM limits_holding h"
            " JOIN process_case c ON c.id = h.holder WHERE c.state <> 'open' ORDER BY h.holder"
        )
        return [
            f"case {case} is over and keeps {reserved} of {limit} reserved"
            for limit, case, reserved in cursor.fetchall()
            if Decimal(reserved)
        ]


def _untold_breaches() -> int:
    """Breaches on record without an escalation, once the followers have caught up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM clocks_clock c WHERE c.breached_at IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM process_matter m WHERE m.case_id = c.case_id"
            " AND m.kind = 'escalation' AND m.subject = c.clock || '/' || c.round)"
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def _own_work() -> list[str]:
    """Nobody did two steps of one case that the standard keeps apart."""
    found: list[str] = []
    procedures = {item.id: item.data for item in catalogue().objects("procedure").values()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, procedure, actors FROM process_case")
        for case, procedure, text in cursor.fetchall():
            acted = json.loads(text).values()
            for rule in procedures[procedure].get("separation") or ():
                apart = set(rule["steps"])
                if any(len(apart.intersection(steps)) > 1 for steps in acted):
                    found.append(f"case {case}: {rule['id']} does not hold")
    return found


def _before_review() -> list[str]:
    """Nothing was completed before what an order control puts first."""
    after: dict[tuple[str, str], set[str]] = {}
    for slug, item in catalogue().objects("procedure").items():
        for control in item.data.get("controls") or ():
            if control["kind"] == "order":
                after.setdefault((slug, control["at"]["step"]), set()).update(control["after"])
    found: list[str] = []
    done: dict[str, set[str]] = {}
    procedure: dict[str, str] = {}
    for row in rows("stream LIKE 'case:%%'"):
        seen = done.setdefault(row.stream, set())
        for recorded in row.recorded():
            if recorded.kind == "process.case_started":
                procedure[row.stream] = recorded.data["procedure"]
            if recorded.kind == "process.advanced":
                seen.update(recorded.data.get("done", ()))
            if recorded.kind == "process.step_left" and recorded.data["how"] == "completed":
                element = recorded.data["element"]
                missing = after.get((procedure[row.stream], element), set()) - seen
                if missing:
                    found.append(f"{row.stream}: {element} before {', '.join(sorted(missing))}")
                seen.add(element)
    return found
