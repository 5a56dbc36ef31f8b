"""Other systems that subscribe to facts: told by a signed POST, again and again, at last switched off.

What is sent names the fact and the objects it is about, never its data: whoever wants more asks with
rights of his own. A post is made at least once and carries the fact's own id, so a second copy is
recognised.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.followers import follows
from touchstone.journal.projections import Values
from touchstone.journal.session import read_committed
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.chance import new_id
from touchstone.kernel.facts import Fact, Recorded
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import day_of, from_microseconds, to_microseconds
from touchstone.service.folds import SUBSCRIPTIONS, subscription_stream
from touchstone.service.posting import NotPosted, checked_url, post
from touchstone.service.signing import key_of, secret_of, signed_headers
from touchstone.vault.actions import open_within, seal

PUBLISHED = (
    "process.case_started",
    "process.step_entered",
    "process.step_left",
    "process.case_ended",
    "process.escalated",
    "clocks.warned",
    "clocks.breached",
    "clocks.stopped",
    "service.message_queued",
    "service.message_sent",
    "service.message_delivered",
    "service.message_failed",
    "records.customer_registered",
    "packs.pack_applied",
)
"""The kinds of facts that may be subscribed to."""
TEST = "service.test"
"""The type of a trial post, which tells of nothing."""
MAX_ATTEMPTS = 12
# So many posts of each subscriber are remembered.
KEPT = 20
_FIRST_RETRY, _LONGEST_RETRY = dt.timedelta(minutes=1), dt.timedelta(hours=6)
_LEASE = dt.timedelta(minutes=2)
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A new subscription; the secret is shown this once and never again."""

    id: str
    secret: str | None


def subscribe(context: ActContext, url: str, kinds: Sequence[str]) -> Subscribed:
    """Tell ``url`` of every fact of ``kinds`` from now on. The same key subscribes once.

    Raises:
        Refusal: ``service.bad_url``, ``service.private_address``, ``service.no_such_kind``,
            ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> Subscribed:
        require(directory(), context.actor, "service.subscribe", day_of(unit.now))
        checked_url(url, to_private=settings.WEBHOOKS_TO_PRIVATE)
        unknown = sorted(set(kinds) - set(PUBLISHED))
        if unknown or not kinds:
            raise refuse(
                "service.no_such_kind",
                f"不能订阅这些事件：{'、'.join(unknown) or '(空)'}",
                f"These kinds cannot be subscribed to: {', '.join(unknown) or '(none named)'}",
            )
        identity = new_id(context.chance)
        secret = secret_of(context.chance.token_bytes(_KEY_BYTES))
        sealed = seal(unit, f"subscription:{identity}", {"secret": secret}, version=1)
        data = {"url": url, "kinds": sorted(set(kinds)), "secret": sealed["secret"]}
        unit.record(subscription_stream(identity), Fact("service.subscribed", data))
        return Subscribed(identity, secret)

    try:
        return perform("service.subscribe", context, work)
    except AlreadyDone as done:
        return Subscribed(done.row.stream.partition(":")[2], None)


def unsubscribe(context: ActContext, subscription: str) -> None:
    """End a subscription for good.

    Raises:
        Refusal: ``service.no_such_subscription``, ``identity.not_permitted``.
    """
    _switch(context, subscription, "service.unsubscribed", ("active", "off"))


def switch_on(context: ActContext, subscription: str) -> None:
    """Go on telling a subscriber who was switched off; what he missed stays in the journal.

    Raises:
        Refusal: ``service.no_such_subscription``, ``identity.not_permitted``.
    """
    _switch(context, subscription, "service.subscription_switched_on", ("off",))


def _switch(context: ActContext, subscription: str, kind: str, states: Sequence[str]) -> None:
    def work(unit: UnitOfWork) -> None:
        require(directory(), context.actor, "service.subscribe", day_of(unit.now))
        row = _load(unit, subscription)
        if row is None or row["state"] not in states:
            raise _no_such_subscription()
        unit.record(subscription_stream(subscription), Fact(kind, {}))
        _drop_posts(unit, subscription)

    try:
        perform("service.switch_subscription", context, work)
    except AlreadyDone:
        return


def _no_such_subscription() -> Refusal:
    return refuse(
        "service.no_such_subscription",
        "没有这个订阅，或其状态不允许此操作",
        "There is no such subscription, or it does not stand so that this can be done",
    )


def send_test(context: ActContext, subscription: str) -> str | None:
    """Post one signed trial to a subscriber now; why it failed as a code, None where it did not.

    Raises:
        Refusal: ``service.no_such_subscription``, ``identity.not_permitted``.
    """

    def look(unit: UnitOfWork) -> None:
        require(directory(), context.actor, "service.subscribe", day_of(unit.now))
        row = _load(unit, subscription)
        if row is None or row["state"] != "active":
            raise _no_such_subscription()

    perform("service.look", context.with_key(None), look)
    now = context.clock.now()
    fact = f"test/{new_id(context.chance)}"
    told = {"type": TEST, "id": fact, "timestamp": now.isoformat(), "objects": []}
    code = _posted(context.with_key(None), f"{subscription}/{fact}", subscription, json.dumps(told))
    _note(context, subscription, TEST, fact, 1, code)

    def work(unit: UnitOfWork) -> None:
        unit.head(subscription_stream(subscription))
        data = {} if code is None else {"code": code}
        unit.record(subscription_stream(subscription), Fact("service.subscription_tested", data))

    with suppress(AlreadyDone):
        perform("service.test_subscription", context, work)
    return code


def _note(
    context: ActContext, subscription: str, kind: str, fact: str, attempt: int, code: str | None
) -> None:
    """Keep how a post went; the last ones of each subscriber only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO service_told (id, subscription, kind, fact, attempt, at, code)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (
                new_id(context.chance),
                subscription,
                kind,
                fact,
                attempt,
                to_microseconds(context.clock.now()),
                code,
            ),
        )
        cursor.execute(
            "DELETE FROM service_told WHERE subscription = %s AND id NOT IN (SELECT id FROM"
            " service_told WHERE subscription = %s ORDER BY at DESC, id LIMIT %s)",
            (subscription, subscription, KEPT),
        )


def _drop_posts(unit: UnitOfWork, subscription: str) -> None:
    unit.execute("DELETE FROM service_post WHERE subscription = %s", (subscription,))


def _load(unit: UnitOfWork, subscription: str) -> Values | None:
    unit.head(subscription_stream(subscription))
    return unit.row(SUBSCRIPTIONS.table, (subscription,))


@follows(*PUBLISHED, name="service.tell_subscribers")
def tell_subscribers(context: ActContext, recorded: Recorded) -> None:
    """Note for every subscriber of this kind that he is to be told."""
    stored = read_committed(f"{SUBSCRIPTIONS.select} WHERE state = 'active'")
    rows = [SUBSCRIPTIONS.decode(row) for row in stored]
    wanted = [
        row
        for row in rows
        if recorded.kind in row["kinds"] and recorded.recorded_at >= row["subscribed_at"]
    ]
    if not wanted:
        return
    fact = f"{recorded.stream}/{recorded.position}/{recorded.index}"
    body = json.dumps(_told(fact, recorded), ensure_ascii=False)

    def work(unit: UnitOfWork) -> None:
        for row in wanted:
            unit.execute(
                "INSERT INTO service_post (id, subscription, body, attempts, next_at)"
                " VALUES (%s, %s, %s, 0, %s) ON CONFLICT (id) DO NOTHING",
                (f"{row['id']}/{fact}", row["id"], body, unit.now_us),
            )

    perform("service.tell_subscribers", context, work)


def _told(fact: str, recorded: Recorded) -> dict[str, object]:
    return {
        "type": recorded.kind,
        "id": fact,
        "timestamp": from_microseconds(recorded.occurred_at).isoformat(),
        "stream": recorded.stream,
        "position": recorded.position,
        "objects": [
            {"type": item.type, "id": item.id, "role": item.qualifier} for item in recorded.objects
        ],
    }


def run_due(context: ActContext, *, limit: int = 50) -> int:
    """Make every post that is due; how many were tried.

    A subscriber with whom one failed is left alone for the rest of the run.
    """
    now = context.clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, subscription, body, attempts, next_at FROM service_post"
            " WHERE next_at <= %s ORDER BY next_at, id LIMIT %s",
            (to_microseconds(now), limit),
        )
        due = list(cursor.fetchall())
    tried = 0
    failing: set[str] = set()
    for identity, subscription, *rest in due:
        if subscription in failing:
            continue
        made = _make(context.with_key(None), identity, subscription, *rest)
        tried += made is not None
        if made is False:
            failing.add(subscription)
    return tried


def _make(
    context: ActContext, identity: str, subscription: str, body: str, attempts: int, next_at: int
) -> bool | None:
    """Whether it succeeded; None where another worker has it."""
    until = to_microseconds(context.clock.now() + _LEASE)
    with connection.cursor() as cursor:
        # Of several workers one gets the post; the others find it leased.
        cursor.execute(
            "UPDATE service_post SET next_at = %s WHERE id = %s AND next_at = %s",
            (until, identity, next_at),
        )
        if cursor.rowcount != 1:
            return None
    code = _posted(context, identity, subscription, body)
    kind, fact = str(json.loads(body)["type"]), identity.partition("/")[2]
    _note(context, subscription, kind, fact, attempts + 1, code)
    if code is None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM service_post WHERE id = %s", (identity,))
    elif code == "service.http_410" or attempts + 1 >= MAX_ATTEMPTS:
        _switch_off(context, subscription, code, attempts + 1)
    else:
        wait = min(_FIRST_RETRY * 2**attempts, _LONGEST_RETRY)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE service_post SET attempts = %s, next_at = %s WHERE id = %s",
                (attempts + 1, to_microseconds(context.clock.now() + wait), identity),
            )
    return code is None


def _posted(context: ActContext, identity: str, subscription: str, body: str) -> str | None:
    """Why the post did not succeed, as a code; None where it did."""

    def look(unit: UnitOfWork) -> tuple[str, str] | None:
        row = _load(unit, subscription)
        if row is None or row["state"] != "active":
            return None
        return row["url"], str(open_within(unit, row["secret"]))

    found = perform("service.look", context, look)
    if found is None:
        return None
    url, secret = found
    content = body.encode()
    fact = identity.partition("/")[2]
    try:
        headers = signed_headers(key_of(secret), fact, content, context.clock.now())
        answer = post(url, content, headers, to_private=settings.WEBHOOKS_TO_PRIVATE)
    except Refusal as refusal:
        return refusal.code
    except NotPosted as failure:
        return failure.code
    return None if 200 <= answer.status < 300 else f"service.http_{answer.status}"


def _switch_off(context: ActContext, subscription: str, code: str, attempts: int) -> None:
    def work(unit: UnitOfWork) -> None:
        row = _load(unit, subscription)
        _drop_posts(unit, subscription)
        if row is None or row["state"] != "active":
            return
        data = {"code": code, "attempts": attempts}
        unit.record(
            subscription_stream(subscription),
            Fact("service.subscription_switched_off", data),
        )

    perform("service.switch_subscription_off", context, work)
