"""The self-check (X-ray): what must hold of the live data, rule by rule, and what breaks it.

I1 to I10 are the invariants of a standard that runs and improves itself; the rest are those of the
journal, the clocks, the limits and the separation of duties. A rule names what breaks it; nothing here
repairs anything.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from touchstone.clocks.queries import unnoticed_count
from touchstone.decisions.limits.queries import broken_exposures
from touchstone.improvement.folds import FINDINGS
from touchstone.improvement.judged import is_last_day
from touchstone.improvement.rules import numbers
from touchstone.journal.projections import Values
from touchstone.journal.reading import rows
from touchstone.journal.replay import replay
from touchstone.journal.verify import verify
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of
from touchstone.measures.queries.stored import last_measured_day, rows_of_scope
from touchstone.packs.catalogue import catalogue
from touchstone.standard.chapters import NORMATIVE
from touchstone.standard.queries import clauses

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must hold.

    Attributes:
        broken: what breaks it, in words, at an instant.
        is_whole: it reads the whole journal: for a command, not for a page.
        is_lived: it holds of everything that was ever done, whatever content is still to come.
    """

    id: str
    text: Text
    broken: Callable[[dt.datetime], Iterable[str]]
    is_whole: bool = False
    is_lived: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule with what breaks it: how much, and some of it."""

    rule: Rule
    violations: int
    examples: tuple[str, ...]


def xray(now: dt.datetime, *, whole: bool = True) -> tuple[Checked, ...]:
    """Every rule checked; without ``whole`` those that read the whole journal are left out."""
    found = []
    for rule in RULES:
        if rule.is_whole and not whole:
            continue
        broken = list(rule.broken(now))
        found.append(Checked(rule, len(broken), tuple(broken[:_EXAMPLES])))
    return tuple(found)


def broken_invariants(now: dt.datetime) -> list[str]:
    """What breaks the rules that hold of everything that was ever done, in words."""
    return [text for rule in RULES if rule.is_lived for text in rule.broken(now)]


def _chain(now: dt.datetime) -> list[str]:
    verified = verify()
    return [f"the chain is broken at {verified.first_broken}"] if verified.first_broken else []


def _replayed(now: dt.datetime) -> list[str]:
    return [
        f"{table}: {result.differences} rows differ from their replay"
        for table, result in replay().items()
        if result.differences
    ]


def _noticed(now: dt.datetime) -> list[str]:
    unnoticed = unnoticed_count(now)
    return [f"{unnoticed} clocks are overdue without a breach"] if unnoticed else []


def _told(now: dt.datetime) -> list[str]:
    untold = _untold_breaches()
    return [f"{untold} breaches were told to nobody"] if untold else []


def _limits(now: dt.datetime) -> list[str]:
    return [*broken_exposures(), *_kept_for_nobody()]


def _bound(now: dt.datetime) -> list[str]:
    """I1: every normative clause has a control, a clock or a register, or an exemption in force."""
    standard, today = catalogue(), day_of(now).isoformat()
    served: set[str] = set()
    for item in standard.objects("procedure").values():
        kinds = ("controls", "clocks", "separation")
        parts = [part for kind in kinds for part in item.data.get(kind) or ()]
        served.update(part["clause"] for part in parts)
        served.update(step["clause"] for step in item.data["steps"].values() if step.get("clause"))
    for item in standard.objects("register").values():
        served.update([item.data["clause"]] if item.data.get("clause") else item.data["clauses"])
    broken = []
    for identity, clause in sorted(clauses(standard.version).items()):
        if clause.kind not in NORMATIVE or identity in served:
            continue
        exempt = clause.exempt or {}
        if not exempt.get("owner") or str(exempt.get("expires", "")) < today:
            broken.append(f"{identity}: no control, and no exemption in force")
    return broken


def _measured(now: dt.datetime) -> list[str]:
    """I2: every indicator has run as of the last measured day, which is yesterday or today."""
    last = last_measured_day()
    if last is None:
        return ["nothing was ever measured"] if catalogue().version else []
    found = {row["indicator"]: row for row in rows_of_scope("institution", *[last.isoformat()] * 2)}
    broken = [
        f"{identity}: not measured as of {last}"
        for identity in sorted(catalogue().objects("indicator").keys() - found.keys())
        if identity != RECORD
    ]
    if (day_of(now) - last).days > 1:
        broken.append(f"last measured as of {last}")
    return broken


def _no_data_is_not_met(now: dt.datetime) -> list[str]:
    """I3: what has no value has no verdict but that."""
    return _named(
        "SELECT indicator || ' ' || scope || ' ' || as_of FROM measures_measurement"
        " WHERE value IS NULL AND status NOT IN ('no_data', 'not_run') ORDER BY 1"
    )


def _pinned(now: dt.datetime) -> list[str]:
    """I4: a measurement pins what defines it, the version of the standard and the journal's mark."""
    return _named(
        "SELECT indicator || ' ' || scope || ' ' || as_of FROM measures_measurement"
        " WHERE definition = '' OR standard <= 0 OR watermark <= 0 ORDER BY 1"
    )


def _one_open(now: dt.datetime) -> list[str]:
    """I5: one open finding of a subject and scope, and none missing where the last period breached."""
    broken = _named(
        "SELECT subject || ' ' || scope FROM improvement_finding WHERE state = 'open'"
        " GROUP BY subject, scope HAVING count(*) > 1"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, scope FROM improvement_finding WHERE state = 'open'")
        known = set(cursor.fetchall())
        cursor.execute(
            "SELECT indicator, scope, as_of FROM measures_measurement m WHERE scope LIKE %s"
            " AND status IN ('missed', 'warning', 'critical') AND as_of = (SELECT max(as_of)"
            " FROM measures_liveness l WHERE l.as_of LIKE m.period || '-%%')",
            ("branch:%",),
        )
        ended = [row for row in cursor.fetchall() if is_last_day(row[2])]
    last = max((row[2] for row in ended), default="")
    for indicator, scope, as_of in ended:
        if (
            as_of == last
            and (indicator, scope) not in known
            and not _closed_since(indicator, scope)
        ):
            broken.append(f"{indicator} {scope}: breached as of {as_of}, and nothing is open")
    return broken


def _closed_since(subject: str, scope: str) -> bool:
    """Whether something about it was closed: repaired since the period ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM improvement_finding WHERE subject = %s AND scope = %s"
            " AND state = 'closed' LIMIT 1",
            (subject, scope),
        )
        return cursor.fetchone() is not None


def _closed_on_data(now: dt.datetime) -> list[str]:
    """I6: what was acted on is closed by measured windows: the last ones judged were good."""
    told = numbers(catalogue().version, day_of(now))
    attested = _attested_actions()
    broken = []
    for row in _findings("kind = 'breach' AND action IS NOT NULL AND how = 'repaired'"):
        if row["action"] in attested:
            continue
        needed = told.recovery if told else 1
        shown = row["windows"][-needed:]
        if len(shown) < needed or any(item["is_breach"] for item in shown):
            broken.append(f"{row['id']}: closed without {needed} good periods in a row")
    return broken


def _attested_actions() -> set[str]:
    """Cases of corrective action whose effect no indicator judges."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, engine FROM process_case WHERE procedure = 'corrective_action'")
        return {
            case
            for case, engine in cursor.fetchall()
            if json.loads(engine)["vars"].get("measured_by") != "indicator"
        }


def _relapses_linked(now: dt.datetime) -> list[str]:
    """I7: what came back names what it repeats, and counts."""
    return [
        f"{row['id']}: a relapse of nothing"
        for row in _findings("why = 'relapse'")
        if not row["repeat_of"] or row["recurrences"] < 1
    ]


def _defects_revised(now: dt.datetime) -> list[str]:
    """I8: no corrective action ends on a clause at fault without the revision in force."""
    broken = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, engine FROM process_case WHERE procedure = 'corrective_action'"
            " AND state = 'ended' ORDER BY number"
        )
        for number, engine in cursor.fetchall():
            known = json.loads(engine)["vars"]
            if known.get("cause_class") == "clause_defect" and known.get("revised") is not True:
                broken.append(f"{number}: a clause at fault, and no revision in force")
    return broken


def _content_kept(now: dt.datetime) -> list[str]:
    """I10: what was put in force is what it was: its bytes give the digest they are stored under."""
    broken = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256, bytes FROM packs_content")
        for digest, content in cursor.fetchall():
            if hashlib.sha256(bytes(content)).hexdigest() != digest:
                broken.append(f"content {digest[:16]} was changed")
    return broken


def _findings(where: str) -> list[Values]:
    with connection.cursor() as cursor:
        cursor.execute(f"{FINDINGS.select} WHERE {where} ORDER BY id")
        return [FINDINGS.decode(row) for row in cursor.fetchall()]


def _named(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [str(row[0]) for row in cursor.fetchall()]


def _own_entry(now: dt.datetime) -> list[str]:
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
            "SELECT count(*) FROM clocks_clock c WHERE c.breached_at IS NOT NULL"
            # What another system missed was past when it was observed.
            " AND NOT c.observed AND NOT EXISTS"
            " (SELECT 1 FROM process_matter m WHERE m.case_id = c.case_id"
            " AND m.kind = 'escalation' AND m.subject = c.clock || '/' || c.round)"
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def _own_work(now: dt.datetime) -> list[str]:
    """Nobody did two steps of one case that the standard keeps apart."""
    found: list[str] = []
    apart_by = {
        item.id: rules
        for item in catalogue().objects("procedure").values()
        if (rules := item.data.get("separation"))
    }
    with connection.cursor() as cursor:
        # Two steps of one person stand beside each other; cases without any are not even read.
        cursor.execute(
            "SELECT id, procedure, actors FROM process_case WHERE source IS NULL AND actors LIKE %s",
            ('%","%',),
        )
        for case, procedure, text in cursor.fetchall():
            acted = [steps for steps in json.loads(text).values() if len(steps) > 1]
            for rule in apart_by.get(procedure, ()):
                apart = set(rule["steps"])
                if any(len(apart.intersection(steps)) > 1 for steps in acted):
                    found.append(f"case {case}: {rule['id']} does not hold")
    return found


def _before_review(now: dt.datetime) -> list[str]:
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
                # What another system did is judged by its control points, and cannot be kept from it.
                if missing and recorded.data.get("kind") != "observed":
                    found.append(f"{row.stream}: {element} before {', '.join(sorted(missing))}")
                seen.add(element)
    return found


# The indicator of the record itself is measured where the journal is verified (K31).
RECORD = "K31"
RULES: tuple[Rule, ...] = (
    Rule(
        "I1",
        Text(
            "规范条款都有控制点或有效豁免",
            "Every normative clause has a control or an exemption in force",
        ),
        _bound,
        is_lived=False,
    ),
    Rule("I2", Text("指标都已按期计算", "Every indicator has run"), _measured, is_lived=False),
    Rule("I3", Text("无数据不算达标", "No data is never met"), _no_data_is_not_met),
    Rule(
        "I4",
        Text(
            "指标结果都固定了口径、版本与日志位置",
            "Every measurement pins definition, version and journal",
        ),
        _pinned,
    ),
    Rule(
        "I5",
        Text("同一指标同一范围只有一个未办结问题", "One open finding for each indicator and scope"),
        _one_open,
    ),
    Rule(
        "I6",
        Text("纠正措施以实测达标关闭", "Corrective action is closed on measured windows"),
        _closed_on_data,
    ),
    Rule("I7", Text("复发的问题指明上一次", "A relapse names what it repeats"), _relapses_linked),
    Rule("I8", Text("条款缺陷须修订生效", "A clause at fault is revised"), _defects_revised),
    Rule("I9", Text("职责分离得到遵守", "Duties are kept apart"), _own_work),
    Rule("I10", Text("生效内容未被改动", "What is in force was not changed"), _content_kept),
    Rule("chain", Text("日志链完整", "The journal's chain holds"), _chain, is_whole=True),
    Rule(
        "replay", Text("重放结果与数据表一致", "Replay gives the tables"), _replayed, is_whole=True
    ),
    Rule("noticed", Text("超时都已记录", "Every overdue clock is on record"), _noticed),
    Rule("told", Text("超时都已告知上级", "Every breach was told to somebody"), _told),
    Rule(
        "limits",
        Text("限额占用不超限且办结即释放", "Limits are not overrun, and freed at the end"),
        _limits,
    ),
    Rule(
        "order",
        Text("先审后办", "Nothing was done before its review"),
        _before_review,
        is_whole=True,
    ),
    Rule("entries", Text("登记须由他人确认", "Nobody confirmed his own entry"), _own_entry),
)
