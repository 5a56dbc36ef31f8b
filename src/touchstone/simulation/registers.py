"""The bank's people keep its registers: volumes, answers, errors, violations, channels.

Drawn from the simulation's seeded chance; the transaction volumes stand in for a core system.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from django.db import connection

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.records.actions.entries import (
    confirm_record,
    correct_record,
    enter_record,
    void_record,
)
from touchstone.simulation.bank import BRANCHES, Employee
from touchstone.simulation.risks import RiskKeeping
from touchstone.simulation.wording import text

SOURCE = "模拟核心系统 simulated core system"
_VOLUMES = {"counter": (120, 260), "app": (500, 1100), "web": (150, 400)}
# Business that came to its end for the customer: a loan with the money, all else with the case.
_ENDED = (
    "SELECT c.id, c.unit, c.procedure FROM process_case c WHERE c.state = 'ended'"
    " AND c.caller_case IS NULL AND c.customer IS NOT NULL AND c.outcome <> 'end_settled'"
    " AND c.procedure <> 'complaint' AND c.ended_at >= %s UNION"
    " SELECT c.id, c.unit, c.procedure FROM process_case c JOIN process_task t ON t.case_id = c.id"
    " WHERE t.element = 'disburse' AND t.state = 'completed' AND t.closed_at >= %s ORDER BY 1"
)
# Figure -> the range of its denominator and of the share above it, in thousandths: each day at every
# outlet or at head office, and every Friday.
_OF_OUTLETS = {
    "counter_minutes": (120, 260, 3300, 4900),
    "queue_waiting": (1, 1, 6000, 14500),
}
_OF_DAYS = {
    "calls_answered": (260, 520, 880, 975),
    "backups": (24, 24, 1000, 1000),
    "minutes_up": (1440, 1440, 998, 1000),
}
_OF_WEEKS = {
    "customers_lost": (52000, 54000, 5, 9),
    "profile_fields": (90000, 98000, 985, 998),
    "loans_npl": (820000, 860000, 11, 18),
    "assets_npa": (1500000, 1560000, 9, 15),
    "residual_scores": (34, 34, 5200, 8600),
    "risks_reviewed": (34, 34, 1000, 1000),
    "alerts_handled": (18, 30, 1000, 1000),
    "monitoring_handled": (140, 240, 992, 1000),
    "monitoring_true": (140, 240, 190, 320),
    "products_rated": (46, 52, 1000, 1000),
    "stress_tests": (3, 3, 1000, 1000),
    "two_factors": (44, 44, 1000, 1000),
    "scans": (2, 2, 1000, 1000),
    "holes_open": (1, 1, 0, 0),
    "staff_trained": (44, 44, 1000, 1000),
    "staff_certified": (44, 44, 930, 1000),
    "awareness_scores": (44, 44, 86000, 95000),
    "rotations": (6, 6, 1000, 1000),
    "staff_satisfied": (38, 44, 760, 920),
    "submissions": (14, 18, 1000, 1000),
    "submissions_returned": (14, 18, 0, 20),
    "data_sets": (60, 64, 930, 1000),
    "progress_enquiries": (90, 140, 180, 260),
    "batch_minutes": (60, 60, 2100, 2900),
    "provisions": (900, 1000, 1250, 1600),
    "sensitive_fields": (212, 212, 1000, 1000),
}
# What the programme brings down over a year, to this share of where it began.
_FALLING, _FALLS_TO = frozenset({"progress_enquiries", "batch_minutes"}), 0.55
_FRIDAY, _YEAR = 4, 365
_PRODUCTS = {"loan": "loan", "account_opening": "account", "large_transfer": "transfer"}


class RegisterKeeping:
    """What the bank's people write down, day by day."""

    def __init__(self, context: ActContext, random: Random, staff: Sequence[Employee]) -> None:
        self._context = context
        self._random = random
        self._posts: dict[tuple[str, str], str] = {}
        for person in staff:
            for post in person.posts:
                self._posts.setdefault((post, person.unit), person.id)
        self._unconfirmed: list[tuple[str, str, dict[str, Any]]] = []
        self._asked_until = to_microseconds(context.clock.now())
        self._since = day_of(context.clock.now())
        self._risks = RiskKeeping(random, self._since)

    def customer_registered(self, customer: str, clerk: str, unit: str, day: dt.date) -> None:
        """Most customers open a channel on which they can follow their business."""
        if self._random.random() < 0.8:
            channel = self._random.choice(["web", "app", "app", "phone"])
            values = {"customer": customer, "channel": channel, "active": True}
            values["since"] = day.isoformat()
            self._enter(clerk, "channel-registration", values, unit)

    def end_of_day(self, day: dt.date) -> None:
        """Everything that is written down before the lights go out."""
        self._confirmations()
        self._answers(day)
        for branch, _, _ in BRANCHES:
            outlet = f"{branch}1"
            self._volumes(branch, outlet, day)
            if self._random.random() < 0.12:
                self._error(branch, outlet, day)
            if self._random.random() < 0.01:
                self._violation(branch, outlet, day)
            if self._random.random() < 0.025:
                self._loss(branch, outlet, day)
        self._figures(day)
        if self._risks.due(day):
            waiting = self._risks.review(day, self._risk_entered, self._risk_reviewed)
            self._unconfirmed += [(entry, "head", values) for entry, values in waiting]

    def _risk_entered(self, values: dict[str, Any]) -> str:
        return self._enter(self._posts["countersigner_risk", "head"], "risk", values)

    def _risk_reviewed(self, entry: str, values: dict[str, Any], why: str) -> None:
        writer = replace(self._context, actor=self._posts["countersigner_risk", "head"])
        correct_record(writer, entry, values, why)

    def _enter(
        self, person: str, register: str, values: Mapping[str, Any], unit: str | None = None
    ) -> str:
        return enter_record(replace(self._context, actor=person), register, values, unit=unit)

    def _volumes(self, branch: str, outlet: str, day: dt.date) -> None:
        reviewer = self._posts["post_reviewer", branch]
        for channel, (least, most) in _VOLUMES.items():
            values = {
                "day": day.isoformat(),
                "unit": outlet,
                "channel": channel,
                "transactions": self._random.randrange(least, most),
                "source": SOURCE,
            }
            self._enter(reviewer, "transaction-volume", values)

    def _figures(self, day: dt.date) -> None:
        """What other systems count: they stand in for it here."""
        for branch, _, _ in BRANCHES:
            reviewer = self._posts["post_reviewer", branch]
            for figure, ranges in _OF_OUTLETS.items():
                self._figure(reviewer, f"{branch}1", figure, ranges, day)
        officer = self._posts["quality_officer", "head"]
        for figure, ranges in _OF_DAYS.items():
            self._figure(officer, "head", figure, ranges, day)
        if day.weekday() == _FRIDAY:
            for figure, ranges in _OF_WEEKS.items():
                self._figure(officer, "head", figure, ranges, day)

    def _figure(
        self, person: str, unit: str, figure: str, ranges: tuple[int, int, int, int], day: dt.date
    ) -> None:
        least, most, low, high = ranges
        below, share = self._random.randint(least, most), self._random.randint(low, high)
        if figure in _FALLING:
            gone = min((day - self._since).days / _YEAR, 1.0)
            share = round(share * (1 - (1 - _FALLS_TO) * gone))
        values = {
            "day": day.isoformat(),
            "unit": unit,
            "figure": figure,
            "above": below * share // 1000,
            "below": below,
            "source": SOURCE,
        }
        self._enter(person, "period-figure", values, unit)

    def _answers(self, day: dt.date) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_ENDED, (self._asked_until, self._asked_until))
            ended = list(cursor.fetchall())
        self._asked_until = to_microseconds(self._context.clock.now())
        # Who complained is asked in the call-back, which is on record in the case itself.
        for case, unit, procedure in ended:
            if self._random.random() >= 0.4:
                continue
            values: dict[str, Any] = {
                "survey": "service",
                "case": case,
                "answered_on": day.isoformat(),
                "unit": unit,
                "channel": self._random.choice(["app", "web", "phone"]),
                "product": _PRODUCTS.get(procedure, "other"),
                "valid": self._random.random() < 0.96,
            }
            if self._random.random() < 0.97:
                values["score"] = self._random.choices([5, 4, 3, 2, 1], [52, 38, 6, 3, 1])[0]
            if self._random.random() < 0.1:
                values["comment"] = text(self._random, "comment_of_customer")
            self._enter(self._posts["callback_officer", "head"], "survey-answer", values)

    def _error(self, branch: str, outlet: str, day: dt.date) -> None:
        values = {
            "occurred_on": (day - dt.timedelta(days=self._random.randrange(4))).isoformat(),
            "found_on": day.isoformat(),
            "business": self._random.choice(["acceptance", "opening", "credit", "transfer"]),
            "unit": outlet,
            "cause": self._random.choice(["wrong_entry", "missed_check", "late"]),
            "severity": self._random.choices(["minor", "ordinary", "serious"], [70, 27, 3])[0],
            "corrected": self._random.random() < 0.7,
            "description": text(self._random, "error"),
        }
        entry = self._enter(self._posts["post_reviewer", branch], "operation-error", values)
        self._unconfirmed.append((entry, outlet, values))

    def _violation(self, branch: str, outlet: str, day: dt.date) -> None:
        values = {
            "occurred_on": (day - dt.timedelta(days=self._random.randrange(1, 20))).isoformat(),
            "confirmed_on": day.isoformat(),
            "unit": outlet,
            "clause": self._random.choice(["ACP-06", "CRD-04"]),
            "nature": self._random.choice(["procedure", "credit"]),
            "severity": "minor",
            "found_by": self._random.choice(["self_check", "compliance"]),
        }
        entry = self._enter(self._posts["compliance_officer", branch], "violation", values)
        self._unconfirmed.append((entry, "head", values))

    def _loss(self, branch: str, outlet: str, day: dt.date) -> None:
        kinds = ["execution_and_process", "external_fraud", "systems", "damage_to_assets"]
        loss = self._random.choice([300, 800, 1500, 4200, 12000, 60000])
        values = {
            "occurred_on": (day - dt.timedelta(days=self._random.randrange(15))).isoformat(),
            "found_on": day.isoformat(),
            "unit": outlet,
            "event_type": self._random.choices(kinds, [60, 20, 15, 5])[0],
            "cause": self._random.choices(
                ["process", "people", "system", "external"], [4, 3, 2, 1]
            )[0],
            "gross_loss": loss,
            "recovered": loss * self._random.choice([0, 0, 30, 80]) // 100,
            "description": text(self._random, "error"),
        }
        entry = self._enter(self._posts["risk_officer", branch], "loss-event", values)
        self._unconfirmed.append((entry, "head", values))

    def _confirmations(self) -> None:
        """Most of what waits is confirmed the next day; some was wrong, or no error at all."""
        waiting, self._unconfirmed = self._unconfirmed, []
        for entry, place, values in waiting:
            post = "chief_compliance_officer" if place == "head" else "business_supervisor"
            second = replace(self._context, actor=self._posts[post, place])
            draw = self._random.random()
            if draw < 0.2:
                self._unconfirmed.append((entry, place, values))
            elif draw < 0.3 and place != "head":
                writer = replace(self._context, actor=self._posts["post_reviewer", place[:-1]])
                if draw < 0.25:
                    void_record(writer, entry, "核实后不属于操作差错")
                    continue
                correct_record(writer, entry, {**values, "severity": "ordinary"}, "程度重新认定")
                confirm_record(second, entry)
            else:
                confirm_record(second, entry)
