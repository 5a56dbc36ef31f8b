"""Trying a pack's own scenarios: the real engine and acts on a virtual clock and an empty database.

Run by ``try_pack`` in a process of its own, so that the institution's data stay untouched. The bank
of the trial has one head office, one branch and one outlet, and five people for every post.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import django

from touchstone.kernel.ports import Demand
from touchstone.kernel.refusal import Refusal

_PEOPLE = 5
_UNITS = {"head": "head", "branch": "b1", "outlet": "o1"}
_FOUNDED = dt.datetime(2026, 1, 1, 1, tzinfo=dt.UTC)


# What foreign systems, and chance, answer unless a scenario says otherwise.
_FEEDS: Mapping[str, Mapping[str, Any]] = {
    "screening": {"screening_hit": False, "aml_grade": "low"},
    "draw": {"draw": 99},
}


class _Certified:
    """In a trial everybody has passed what the steps demand: it tries the procedure, not the people."""

    def lacking(self, demand: Demand) -> Refusal | None:
        """Nothing."""
        return None


class Unmet(Exception):
    """What happened is not what the scenario expects."""


def try_pack(folder: Path, procedure: str | None = None) -> dict[str, Any]:
    """Run every scenario of the pack, or of one procedure, in a process of its own.

    Raises:
        Refusal: ``packs.trial_broke_off``.
    """
    from touchstone.kernel.refusal import refuse

    with tempfile.TemporaryDirectory(prefix="touchstone-trial-") as data:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "touchstone.config.settings",
            "TOUCHSTONE_DATA": data,
            "TOUCHSTONE_KEYS": f"{data}/keys",
            "TOUCHSTONE_EVIDENCE": f"{data}/evidence",
            "TOUCHSTONE_DATABASE_URL": f"sqlite://{data}/trial.sqlite3",
            "TOUCHSTONE_SQLITE_SYNCHRONOUS": "OFF",
        }
        words = [str(folder), *([procedure] if procedure else [])]
        done = subprocess.run(
            [sys.executable, "-m", "touchstone.simulation.trial", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2]
        raise refuse("packs.trial_broke_off", f"试运行中断：{last}", f"The trial broke off: {last}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run_all(folder: Path, procedure: str | None) -> dict[str, Any]:
    """Found the trial's bank by the pack and run its scenarios in it."""
    from touchstone.packs.catalogue import catalogue

    _found(folder)
    scenarios = catalogue().objects("scenario")
    wanted = [
        name
        for name in sorted(scenarios)
        if procedure is None or name.partition("/")[0] == procedure
    ]
    failed = []
    for name in wanted:
        slug, _, scenario = name.partition("/")
        try:
            Trial(slug, scenarios[name].data, scenarios).run()
        except Unmet as unmet:
            failed.append({"procedure": slug, "scenario": scenario, "text": str(unmet)})
    untried = _untried_flows(procedure)
    return {
        "ok": not failed,
        "scenarios": len(wanted),
        "failed": failed,
        "untried_flows": untried,
        "untried_rules": _untried_rules(procedure),
    }


def _untried_flows(procedure: str | None) -> list[str]:
    """Sequence flows that no token took in any scenario, as ``procedure/flow``."""
    from touchstone.journal.reading import rows
    from touchstone.packs.catalogue import catalogue
    from touchstone.process.deployment import deployment

    standard = catalogue()
    left = {
        f"{slug}/{flow.id}"
        for slug in standard.objects("procedure")
        if procedure in (None, slug)
        for node in deployment(standard.version, slug).program.nodes.values()
        if node.kind != "event_gateway"  # its ways are taken by the events behind it
        for flow in node.outgoing
    }
    begun: dict[str, str] = {}
    for row in rows("stream LIKE 'case:%%'"):
        for recorded in row.recorded():
            if recorded.kind == "process.case_started":
                begun[row.stream] = recorded.data["procedure"]
            elif recorded.kind == "process.advanced":
                slug = begun[row.stream]
                left -= {f"{slug}/{flow}" for flow in recorded.data.get("flows", ())}
    return sorted(left)


def _untried_rules(procedure: str | None) -> list[str]:
    """Rules of decision tables by which no scenario was decided, as ``decision/rule``."""
    from touchstone.decisions.content import TableDecision
    from touchstone.journal.reading import rows
    from touchstone.packs.catalogue import catalogue
    from touchstone.process.deployment import deployment

    standard = catalogue()
    asked = {
        node.rule.decision
        for slug in standard.objects("procedure")
        if procedure in (None, slug)
        for node in deployment(standard.version, slug).program.nodes.values()
        if node.rule is not None
    }
    left = {
        f"{item.id}/{rule}"
        for item in asked
        if isinstance(item, TableDecision)
        for rule in item.rule_ids
    }
    for row in rows("stream LIKE 'case:%%'"):
        for recorded in row.recorded():
            if recorded.kind == "process.decided":
                ids = (rule for found in recorded.data["rules"].values() for rule in found)
                left -= {f"{recorded.data['decision']}/{rule}" for rule in ids}
    return sorted(left)


def _context(clock: Any, actor: str, seed: str = "") -> Any:
    from touchstone.journal.unit_of_work import ActContext
    from touchstone.kernel.chance import SeededChance

    number = int.from_bytes(sha256(f"{seed}/{actor}".encode()).digest()[:6])
    return ActContext(actor, clock, SeededChance(number))


def _found(folder: Path) -> None:
    from touchstone.identity.actions import grant_post, join_person, open_unit
    from touchstone.kernel.text import Text
    from touchstone.kernel.time import VirtualClock
    from touchstone.packs.apply import apply_pack
    from touchstone.packs.catalogue import catalogue
    from touchstone.packs.source import read

    setup = _context(VirtualClock(_FOUNDED), "system:setup")
    apply_pack(setup, read(folder))
    open_unit(setup, "head", Text("总行", "Head office"), "head")
    open_unit(setup, "b1", Text("分行", "Branch"), "branch", "head")
    open_unit(setup, "o1", Text("支行", "Outlet"), "outlet", "b1")
    roles = catalogue().get("roles", "roles")
    assert roles is not None
    for post, data in roles.data["posts"].items():
        for number in range(1, _PEOPLE + 1):
            title = Text(f"{data['title']['zh']}{number}", f"{data['title']['en']} {number}")
            join_person(setup, f"{post}.{number}", title)
            grant_post(setup, f"{post}.{number}", post, _UNITS[data["level"]])


def _answering(answer: Mapping[str, Any]) -> Any:
    def handler(context: Any, request: Any) -> Mapping[str, Any]:
        return answer

    return handler


class Trial:
    """One scenario at work."""

    def __init__(self, slug: str, data: Mapping[str, Any], scenarios: Mapping[str, Any]) -> None:
        from touchstone.kernel.time import VirtualClock, at_local

        local = dt.datetime.fromisoformat(data["on"])
        self.slug = slug
        self.data = data
        self.scenarios = scenarios
        self.clock = VirtualClock(at_local(local.date(), local.time()))
        self.seed = f"{slug}/{data['name']['en']}"
        self.context = _context(self.clock, "system:trial", self.seed)
        self.case = ""

    def run(self) -> None:
        """Play the scenario.

        Raises:
            Unmet: it went another way.
        """
        from touchstone.kernel.ports import COMPETENCE
        from touchstone.process.actions.cases import start_case
        from touchstone.process.ports import SERVICE_HANDLERS
        from touchstone.service.channels.simulated import SimulatedChannel
        from touchstone.service.ports import CHANNELS, ROUTING
        from touchstone.service.routing import simulated

        start = self.data["start"]
        actor = self._by(f"{start['by']}.1")

        def begin() -> None:
            unit = _UNITS[self.data.get("unit", "outlet")]
            self.case = start_case(
                actor, self.slug, unit=unit, values=start["values"], customer=self._customer(unit)
            )

        with ExitStack() as stack:
            stack.enter_context(ROUTING.stand_in("routing", simulated))
            stack.enter_context(COMPETENCE.stand_in("people", _Certified()))
            stack.enter_context(CHANNELS.stand_in("simulated", SimulatedChannel(at_once=True)))
            for name, answer in {**_FEEDS, **(self.data.get("feeds") or {})}.items():
                stack.enter_context(SERVICE_HANDLERS.stand_in(name, _answering(answer)))
            self._expecting(start.get("refused"), "start", begin)
            self._settle()
            self._play(self.data.get("when") or ())
            self._compare(self.data["then"])

    def _customer(self, unit: str) -> str | None:
        """Somebody the case is for, where the procedure asks for one."""
        from touchstone.packs.catalogue import catalogue
        from touchstone.process.deployment import deployment
        from touchstone.records.actions.customers import register_customer
        from touchstone.simulation.customers import invented_customer

        if not deployment(catalogue().version, self.slug).procedure.start.customer:
            return None
        seed = f"{self.seed}/customer"
        values = invented_customer(Random(seed), 0, corporate=False)
        values["identity_number"] = sha256(seed.encode()).hexdigest()[:18].upper()
        return register_customer(_context(self.clock, "system:setup", seed), values, unit=unit)

    def _play(self, acts: Sequence[Mapping[str, Any]]) -> None:
        for act in acts:
            if "wait" in act or "after" in act:
                self._let_pass(str(act.get("wait") or act["after"]))
            if "as_in" in act:
                self._play(self.scenarios[act["as_in"]].data.get("when") or ())
            elif "expect" in act:
                self._compare(act["expect"])
            elif "wait" not in act:
                self._act(act)
                self._settle()

    def _act(self, act: Mapping[str, Any]) -> None:
        from touchstone.process.actions.bringing import deliver_message
        from touchstone.process.actions.filling import AtTask, hand_in
        from touchstone.process.actions.tasks import (
            complete_task,
            release_hold,
            send_back,
            take_back,
        )

        if "message" in act:
            case = self._waiting_for(act["message"])
            context = self._by(self._bringer(case, act["message"]))
            deliver_message(context, case, act["message"], act.get("values") or {})
            return
        if "step" in act:
            task = self._task(act["step"])
            values = act.get("values") or {}

            def work() -> None:
                person = self._person(act, task)
                evidence = {
                    name: hand_in(person, AtTask(task), f"{name}.txt", name.encode()).sha256
                    for name in act.get("evidence") or ()
                }
                complete_task(person, task, values, evidence=evidence)

            self._expecting(act.get("refused"), act["step"], work)
            return
        if "send_back" in act:
            task = self._task(act["send_back"])
            self._expecting(
                act.get("refused"),
                act["send_back"],
                lambda: send_back(self._person(act, task), task, act["to"], "请补充说明"),
            )
        elif "release" in act:
            task = self._task(act["release"], states=("held",))
            self._expecting(
                act.get("refused"),
                act["release"],
                lambda: release_hold(
                    self._person(act, task), task, accept=act["accept"], reason="已核实"
                ),
            )
        else:
            task, done_by = self._completed(act["take_back"])
            self._expecting(
                act.get("refused"), act["take_back"], lambda: take_back(self._by(done_by), task)
            )

    def _expecting(self, code: str | None, what: str, work: Any) -> None:
        from touchstone.kernel.refusal import Refusal

        try:
            work()
        except Refusal as refusal:
            if refusal.code != code:
                wanted = f"refused with {code}" if code else "accepted"
                raise Unmet(
                    f"{what}: expected to be {wanted}, was refused with {refusal.code}:"
                    f" {refusal.text.en} / {refusal.text.zh}"
                ) from None
        else:
            if code:
                raise Unmet(f"{what}: expected to be refused with {code}, was accepted")

    # People

    def _by(self, person: str) -> Any:
        return replace(self.context, actor=person)

    def _unit_of(self, post: str) -> str:
        from touchstone.packs.catalogue import catalogue

        roles = catalogue().get("roles", "roles")
        assert roles is not None
        level = roles.data["posts"][post]["level"]
        return _UNITS["outlet" if level == "outlet" else level]

    def _person(self, act: Mapping[str, Any], task: str) -> Any:
        if "same_as" not in act:
            return self._by(f"{act.get('by') or self._post_of(task)}.{act.get('person', 1)}")
        _, person = self._completed(act["same_as"])
        self._let_hold(person, self._post_of(task))
        return self._by(person)

    def _let_hold(self, person: str, post: str) -> None:
        """Give the post to a person of another, where the two are compatible."""
        from touchstone.identity.actions import grant_post
        from touchstone.identity.queries import directory
        from touchstone.kernel.time import day_of

        held = {item.post for item in directory().posts_of(person, day_of(self.clock.now()))}
        if post not in held:
            grant_post(self._by("system:setup"), person, post, self._unit_of(post))

    def _post_of(self, task: str) -> str:
        pool = self._rows("SELECT pool FROM process_task WHERE id = %s", task)[0][0]
        return str(pool).partition("@")[0].partition("|")[0]

    def _bringer(self, case: str, message: str) -> str:
        """The first post, or else system, that the procedure lets bring a message."""
        from touchstone.packs.catalogue import catalogue
        from touchstone.process.deployment import deployment

        slug = self._rows("SELECT procedure FROM process_case WHERE id = %s", case)[0][0]
        found = deployment(catalogue().version, slug).procedure.messages[message]
        return f"{found.posts[0]}.1" if found.posts else found.systems[0]

    # What there is

    def _rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())

    def _cases(self) -> Iterator[str]:
        """The case, and those that it called or began."""
        waiting = [self.case]
        while waiting:
            case = waiting.pop()
            yield case
            called = self._rows("SELECT id FROM process_case WHERE caller_case = %s", case)
            waiting += [row[0] for row in called]
            waiting += self._begun(case)

    def _begun(self, case: str) -> list[str]:
        from touchstone.journal.reading import stream_rows

        facts = [fact for row in stream_rows(f"case:{case}") for fact in row.recorded()]
        return [fact.data["case"] for fact in facts if fact.kind == "process.begun"]

    def _task(self, element: str, states: Sequence[str] = ("open", "claimed")) -> str:
        for case in self._cases():
            found = self._rows(
                "SELECT id, state FROM process_task WHERE case_id = %s AND element = %s"
                " ORDER BY opened_at DESC, id DESC",
                case,
                element,
            )
            for task, state in found:
                if state in states:
                    return str(task)
        raise Unmet(f"{element}: no such open task; open are {', '.join(self._open()) or 'none'}")

    def _completed(self, element: str) -> tuple[str, str]:
        for case in self._cases():
            found = self._rows(
                "SELECT id, done_by FROM process_task WHERE case_id = %s AND element = %s"
                " AND state = 'completed' ORDER BY closed_at DESC, id DESC",
                case,
                element,
            )
            if found:
                return found[0]
        raise Unmet(f"{element}: nobody completed it")

    def _waiting_for(self, message: str) -> str:
        for case in self._cases():
            if self._rows(
                "SELECT id FROM process_wait WHERE case_id = %s AND name = %s", case, message
            ):
                return case
        raise Unmet(f"{message}: nothing waits for this message")

    def _open(self) -> list[str]:
        found: list[str] = []
        for case in self._cases():
            rows = self._rows(
                "SELECT element FROM process_task WHERE case_id = %s AND state IN"
                " ('open', 'claimed', 'held') UNION SELECT element FROM process_wait"
                " WHERE case_id = %s AND kind <> 'call'",
                case,
                case,
            )
            found += [row[0] for row in rows]
        return sorted(found)

    # Time

    def _let_pass(self, span: str) -> None:
        from touchstone.clocks.queries import calendar
        from touchstone.kernel.time import INSTITUTION_ZONE, at_local

        now = self.clock.now()
        if span.endswith("wd"):
            local = now.astimezone(INSTITUTION_ZONE)
            day = calendar("cn").add_working_days(local.date(), int(span[:-2]))
            self.clock.move_to(at_local(day, local.time()))
        else:
            amount = int(span.rstrip("dhmin"))
            unit = {"d": "days", "h": "hours", "min": "minutes"}[span.lstrip("0123456789")]
            self.clock.move_to(now + dt.timedelta(**{unit: amount}))
        self._settle()

    def _settle(self) -> None:
        """Let the machines, the followers and the sweeper do everything that is due."""
        from touchstone.clocks.actions import sweep
        from touchstone.journal.followers import FollowerRun
        from touchstone.process.actions.machines import run_due
        from touchstone.service.actions import delivering

        worker = self._by("system:worker")
        followers = FollowerRun()
        while (
            run_due(worker, limit=500)
            + followers.deliver(worker)
            + delivering.run_due(worker, limit=500)
            + sweep(worker)
        ):
            continue

    # What is expected

    def _compare(self, expected: Mapping[str, Any]) -> None:
        unmet = [line for line in self._differences(expected) if line]
        if unmet:
            raise Unmet("; ".join(unmet))

    def _differences(self, expected: Mapping[str, Any]) -> Iterator[str]:
        state, outcome, engine = self._rows(
            "SELECT state, outcome, engine FROM process_case WHERE id = %s", self.case
        )[0]
        if "at" in expected and sorted(expected["at"]) != self._open():
            yield f"expected to wait at {sorted(expected['at'])}, waits at {self._open()}"
        if "ended" in expected and (state, outcome) != ("ended", expected["ended"]):
            yield f"expected to end at {expected['ended']}, is {state} ({outcome or self._open()})"
        variables = json.loads(engine)["vars"]
        for name, value in (expected.get("variables") or {}).items():
            if variables.get(name) != value:
                yield f"variable {name}: expected {value!r}, is {variables.get(name)!r}"
        yield from self._clock_differences(expected.get("clocks") or {})
        yield from self._control_differences(expected.get("controls") or {})
        yield from self._decision_differences(expected.get("decisions") or {})
        if "told" in expected and (told := self._told()) != expected["told"]:
            yield f"expected breaches to be told to {expected['told']}, were told to {told}"
        passed = self._passed()
        for element in expected.get("passed") or ():
            if element not in passed:
                yield f"{element}: expected to be passed, was not"
        for element in expected.get("not_passed") or ():
            if element in passed:
                yield f"{element}: expected not to be passed, was"

    def _clock_differences(self, expected: Mapping[str, str]) -> Iterator[str]:
        from touchstone.clocks.queries import clocks_of

        views = {view.clock: view for view in clocks_of(self.case)}
        for clock, wanted in expected.items():
            view = views.get(clock)
            found = "not_started" if view is None else view.status
            if found == "stopped" and wanted == "kept":
                continue
            if found != wanted:
                why = f", due {view.due_at:%Y-%m-%d %H:%M} UTC" if view else ""
                yield f"clock {clock}: expected {wanted}, is {found}{why}"

    def _facts(self) -> Iterator[Any]:
        from touchstone.journal.reading import stream_rows

        for case in self._cases():
            for row in stream_rows(f"case:{case}"):
                yield from row.recorded()

    def _control_differences(self, expected: Mapping[str, str]) -> Iterator[str]:
        if not expected:
            return
        last = {
            fact.data["control"]: fact.data["result"]
            for fact in self._facts()
            if fact.kind == "process.control_executed"
        }
        for control, wanted in expected.items():
            found = last.get(control, "not_executed")
            if found != wanted:
                yield f"control {control}: expected {wanted}, is {found}"

    def _decision_differences(self, expected: Mapping[str, list[str]]) -> Iterator[str]:
        """Which rules decided last, in any order."""
        last = {
            fact.data["decision"]: [rule for ids in fact.data["rules"].values() for rule in ids]
            for fact in self._facts()
            if fact.kind == "process.decided"
        }
        for decision, wanted in expected.items():
            found = sorted(last.get(decision, ()))
            if found != sorted(wanted):
                yield f"decision {decision}: expected {wanted}, is {found}"

    def _told(self) -> dict[str, str]:
        """Clock of the case -> the post that was last told of its breach."""
        return {
            fact.data["clock"]: fact.data["pool"].partition("@")[0]
            for fact in self._facts()
            if fact.kind == "process.escalated"
        }

    def _passed(self) -> set[str]:
        found: set[str] = set()
        for fact in self._facts():
            if fact.kind == "process.step_left" and fact.data["how"] == "completed":
                found.add(fact.data["element"])
            elif fact.kind == "process.advanced":
                found.update(fact.data.get("done", ()))
        return found


def main() -> int:
    """``trial FOLDER [PROCEDURE]`` on the configured, empty database; JSON on stdout."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    found = run_all(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
    json.dump(found, sys.stdout, ensure_ascii=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
