"""``touchstone init``, ``up`` and ``demo``: an empty institution, a running one, a simulated one."""

from __future__ import annotations

import datetime as dt
import errno
import socket
import threading
import time
from argparse import Namespace, _SubParsersAction
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from touchstone.cli.database import context_of, ready_database
from touchstone.cli.output import ERRORS, emit
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import SystemClock, day_of

DEMO_DAYS, DEMO_SEED = 30, 7
_TIDY_SECONDS = 3600
_ADMINISTRATORS = (
    ("system", "系统管理员", "System administrator", "system_administrator"),
    ("security", "安全管理员", "Security administrator", "security_administrator"),
    ("audit", "安全审计员", "Security auditor", "security_auditor"),
)


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    init = words.add_parser("init", help="an empty institution with its three administrators")
    init.add_argument("--name", default="新机构")
    init.add_argument("--name-en", default="New institution")
    init.add_argument("--json", action="store_true")
    init.set_defaults(run=_init)
    for name, text in (("up", "serve pages and run the worker"), ("demo", "simulate, then serve")):
        word = words.add_parser(name, help=text)
        word.add_argument("--host", default="127.0.0.1")
        word.add_argument("--port", type=_port, default=8000)
        word.set_defaults(run=_up if name == "up" else _demo)
        if name == "demo":
            word.add_argument("--fresh", action="store_true")


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise ValueError(text)
    return number


_port.__name__ = "port"  # what argparse calls it in its message


def _init(args: Namespace) -> int:
    from touchstone.identity.actions import grant_post, join_person, open_unit
    from touchstone.identity.queries import directory
    from touchstone.packs.apply import apply_pack
    from touchstone.packs.source import read, shipped_pack

    ready_database()
    current = directory()
    if all(identity in current.persons for identity, *_ in _ADMINISTRATORS):
        raise refuse(
            "institution.exists",
            "机构已建立，未做任何改动",
            "The institution exists; nothing was changed",
        )
    if current.persons and not any(name in current.persons for name, *_ in _ADMINISTRATORS):
        raise refuse(
            "institution.other",
            "数据库中已有其他机构（如模拟银行），未做任何改动",
            "The database holds another institution, a simulated bank perhaps; nothing was changed",
            remedy_zh="换一个 TOUCHSTONE_DATA",
            remedy_en="Use another TOUCHSTONE_DATA",
        )
    # What an earlier run that broke off has done is not done again.
    setup = context_of("system:setup")
    apply_pack(setup, read(shipped_pack()))
    if "head" not in current.units:
        open_unit(setup, "head", Text(args.name, args.name_en), "head")
    held = {(item.person, item.post) for item in current.holdings}
    for identity, zh, en, post in _ADMINISTRATORS:
        if identity not in current.persons:
            join_person(setup, identity, Text(zh, en))
        if (identity, post) not in held:
            grant_post(setup, identity, post, "head")
    data = {
        "profile": "bank",
        "administrators": {post: identity for identity, _, _, post in _ADMINISTRATORS},
        "keys": str(settings.KEYS),
        "data": str(settings.DATA),
    }
    lines = [f"{post}: {identity}" for identity, _, _, post in _ADMINISTRATORS]
    emit(args, data, [*lines, f"keys / 密钥: {settings.KEYS}"])
    return 0


def _up(args: Namespace) -> int:
    ready_database()
    _serve(args.host, args.port)
    return 0


def _demo(args: Namespace) -> int:
    from touchstone.cli.simulate import simulate
    from touchstone.journal.queries import journal_size
    from touchstone.simulation.reset import is_simulated

    _check_port(args.host, args.port)
    ready_database()
    held = journal_size()[0]
    if held and not is_simulated():
        raise refuse(
            "institution.no_demonstration",
            "这里是真实机构的数据，不作演示",
            "The data here are an institution's own and are not for a demonstration",
            remedy_zh="换一个 TOUCHSTONE_DATA，或用 touchstone up",
            remedy_en="Use another TOUCHSTONE_DATA, or touchstone up",
        )
    unfinished = Path(settings.DATA) / "demo-unfinished"
    if args.fresh or not held or unfinished.exists():
        unfinished.touch()  # whoever breaks off here begins anew the next time
        first_day = day_of(SystemClock().now()) - dt.timedelta(days=DEMO_DAYS)
        ERRORS.print(f"模拟 {DEMO_DAYS} 天的银行业务 / simulating {DEMO_DAYS} days of a bank")
        result = simulate(DEMO_SEED, DEMO_DAYS, first_day, fresh=bool(held))
        ERRORS.print(f"{result['cases']} cases, {result['events']} events, {result['seconds']} s")
        unfinished.unlink()
    settings.DEMO, settings.SECOND_FACTOR = True, "off"
    address = f"http://{args.host}:{args.port}/"
    ERRORS.print(f"\n试金石 Touchstone: {address}", style="bold")
    for person, post in _whom():
        ERRORS.print(f"  {person}: {post}")
    with _letters_in_the_house():
        _serve(args.host, args.port)
    return 0


@contextmanager
def _letters_in_the_house() -> Iterator[None]:
    """As in the simulated month, no letter leaves the house; here each arrives at once."""
    from touchstone.service.channels.simulated import SimulatedChannel
    from touchstone.service.ports import CHANNELS, ROUTING
    from touchstone.service.routing import simulated

    arriving = CHANNELS.stand_in("simulated", SimulatedChannel(at_once=True))
    with arriving, ROUTING.stand_in("routing", simulated):
        yield


def _whom() -> list[tuple[str, str]]:
    """A few people worth looking at: one holder of each of some posts."""
    from touchstone.identity.queries import directory

    wanted = ("acceptance_clerk", "credit_first_reviewer", "branch_head", "standard_manager")
    current, today = directory(), day_of(SystemClock().now())
    found = []
    for post in wanted:
        for person in sorted(current.persons):
            if any(item.post == post for item in current.posts_of(person, today)):
                found.append((person, post))
                break
    return found


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise refuse(
                    "institution.bad_address",
                    f"无法使用地址 {host}:{port}：{error.strerror}",
                    f"{host}:{port} cannot be used: {error.strerror}",
                ) from None
            raise refuse(
                "institution.port_taken",
                f"端口 {host}:{port} 已被占用",
                f"{host}:{port} is taken",
                remedy_zh="用 --port 指定其他端口",
                remedy_en="Name another one with --port",
            ) from None


def _serve(host: str, port: int) -> None:
    from django.core.wsgi import get_wsgi_application
    from waitress import serve

    from touchstone.web.ahead import read_ahead

    _check_port(host, port)
    collect_static()
    read_ahead()
    for part in (_serve_and_sweep, _send, _measure, _tidy):
        threading.Thread(target=_work, args=(part,), daemon=True).start()
    serve(get_wsgi_application(), host=host, port=port, threads=8, ident=None)


def collect_static() -> None:
    """Put what pages load into one folder, each file compressed beside itself, and serve it from there."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    settings.WHITENOISE_USE_FINDERS = False


def _work(part: Callable[[], Callable[[], int]]) -> None:
    """A worker thread: does its part again and again, and rests when there is nothing to do."""
    import logging

    from django.db import connection

    log = logging.getLogger("touchstone.worker")
    once = part()
    while True:
        try:
            served = once()
        except Exception:
            log.exception("the worker met a problem and goes on")
            connection.close()
            served = 0
        if not served:
            time.sleep(1)


def _serve_and_sweep() -> Callable[[], int]:
    """Machine steps, followers, clocks."""
    from touchstone.clocks.actions import sweep
    from touchstone.journal.followers import FollowerRun
    from touchstone.people.actions import lapse_overdue
    from touchstone.process.actions.machines import run_due

    followers = FollowerRun()

    def once() -> int:
        served = run_due(context_of("system:worker"))
        served += followers.deliver(context_of("system:worker"))
        served += lapse_overdue(context_of("system:worker"))
        return served + sweep(context_of("system:sweeper"))

    return once


def _send() -> Callable[[], int]:
    """What waits for other machines' networks, apart from what must not wait for them."""
    from touchstone.service.actions import delivering, webhooks
    from touchstone.service.actions.listing import queue_lists

    def once() -> int:
        served = delivering.run_due(context_of("system:worker"))
        served += queue_lists(context_of("system:worker"))
        return served + webhooks.run_due(context_of("system:worker"))

    return once


def _measure() -> Callable[[], int]:
    """Each day, once it has ended; and the heads of all streams are signed as often as is due."""
    from touchstone.measures.actions import measure_ended_days

    def once() -> int:
        measured = len(measure_ended_days(context_of("system:worker")))
        _checkpoint_when_due()
        return measured

    return once


def _tidy() -> Callable[[], int]:
    """Once an hour, what nobody refers to any more goes."""
    from touchstone.evidence.actions import remove_orphans
    from touchstone.process.actions.filling import remove_expired_drafts

    next_at = [time.monotonic()]

    def once() -> int:
        if time.monotonic() >= next_at[0]:
            next_at[0] = time.monotonic() + _TIDY_SECONDS
            remove_orphans(context_of("system:sweeper"))
            remove_expired_drafts(context_of("system:sweeper"))
        return 0

    return once


def _checkpoint_when_due() -> None:
    """Sign the heads as often as the standard wants the record verified."""
    from touchstone.journal.checkpoint import last_taken_at, take_checkpoint
    from touchstone.kernel.limits import Limit
    from touchstone.packs.catalogue import catalogue

    clock = SystemClock()
    interval = catalogue().parameter("controls.verify_interval")
    value = interval.value_on(day_of(clock.now())) if interval else None
    if value is None:
        return
    last = last_taken_at()
    if last is None or last + dt.timedelta(days=Limit.parse(str(value)).amount) <= clock.now():
        take_checkpoint(clock)
