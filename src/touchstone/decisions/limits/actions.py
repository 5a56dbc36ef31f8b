"""The only writer of limits: reserve, use, release, within the act that decides; and what lapses.

Everything taken up of a limit by one subject lies on one stream, so of two acts at once one comes
second, reads again, and finds what is left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from touchstone.decisions.limits.definition import Exposure, LimitDefinition
from touchstone.decisions.limits.folds import EXPOSURES, HOLDINGS, stream_of
from touchstone.decisions.limits.queries import limits
from touchstone.journal.projections import Values
from touchstone.journal.session import read_committed
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, as_fact_data, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import to_microseconds
from touchstone.standard.parameters import parameters

Part = Literal["reserved", "used"]
_PARTS: tuple[Part, ...] = ("reserved", "used")
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_HELD = (
    "SELECT limit_id, subject, period, holder FROM limits_holding WHERE holder = %s"
    " ORDER BY limit_id, subject, period"
)


class Place(NamedTuple):
    """Where what a case holds is kept: key of its row."""

    limit: str
    subject: str
    period: str
    holder: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A case before a limit.

    Attributes:
        subject: id of the customer, product or person whose limit it is.
        holder: id of the case.
        period: the span of time that counts now.
        ceiling: the highest amount now, by the version of the standard that the case keeps.
    """

    limit: LimitDefinition
    subject: str
    holder: str
    period: str
    ceiling: Decimal

    @property
    def place(self) -> Place:
        """Where it would be kept now."""
        return Place(self.limit.id, self.subject, self.period, self.holder)


def claim_on(identity: str, *, content: int, subject: str, holder: str, day: dt.date) -> Claim:
    """The case ``holder`` before a limit of version ``content`` of the standard on ``day``.

    Raises:
        KeyError: the version has no such limit; deployment checks that.
    """
    limit = limits(content)[identity]
    ceiling = limit.ceiling_on(parameters(content), day)
    return Claim(limit, subject, holder, limit.period_on(day), ceiling)


def reserve(
    unit: UnitOfWork, claim: Claim, amount: Decimal, *, lapses_at: int | None = None
) -> None:
    """Keep ``amount`` free for the case; asked again, what it holds becomes that amount.

    Raises:
        Refusal: ``limits.over_limit``, ``limits.no_amount``.
    """
    _check(claim, amount)
    if claim.limit.scope == "act":
        return
    for place in _places(unit, claim):
        # Another day has come, or another product was chosen: what was kept there is kept here.
        # Several people may each answer for a part of one case.
        is_moved = place.subject != claim.subject and claim.limit.scope != "person"
        if is_moved or (place.subject == claim.subject and place.period != claim.period):
            _release(unit, place, "reserved", "moved")
    held = _holding(unit, claim.place)
    reserved = Decimal(held["reserved"]) if held else Decimal(0)
    holds = reserved + (Decimal(held["used"]) if held else Decimal(0))
    if amount > holds:
        _take(unit, claim, amount - holds, lapses_at)
    elif amount < holds:
        _release(unit, claim.place, "reserved", "lowered", min(holds - amount, reserved))


def use(unit: UnitOfWork, claim: Claim, amount: Decimal) -> None:
    """Count ``amount`` as used, out of what the case has reserved; what lapsed is taken up anew.

    What somebody else reserved for the case counts as used by him, whoever uses it now.

    Raises:
        Refusal: ``limits.over_limit``, ``limits.no_amount``.
    """
    _check(claim, amount)
    if claim.limit.scope == "act":
        return
    moved: dict[str, Decimal] = {}
    for place in _places(unit, claim):
        row = _holding(unit, place)
        part = min(Decimal(row["reserved"]) if row else Decimal(0), amount)
        if part:
            _record(unit, place, "limits.used", part, claim.limit.currency)
            moved[place.subject] = moved.get(place.subject, Decimal(0)) + part
    left = amount - moved.get(claim.subject, max(moved.values(), default=Decimal(0)))
    if left > 0:
        _take(unit, claim, left, None)
        _record(unit, claim.place, "limits.used", left, claim.limit.currency)


def release(unit: UnitOfWork, claim: Claim, why: str) -> None:
    """Give back everything that the case holds of the limit, used or not."""
    for place in _places(unit, claim):
        for part in _PARTS:
            _release(unit, place, part, why)


def release_reserved(
    unit: UnitOfWork, holder: str, why: str, *, also: Iterable[Claim] = ()
) -> None:
    """Give back what a case that is over has reserved of any limit and not used.

    ``also`` are claims of this very act, which no table knows yet.
    """
    found = (Place(*row) for row in unit.read(_HELD, (holder,)))
    for place in dict.fromkeys([*found, *(claim.place for claim in also)]):
        _release(unit, place, "reserved", why)


def lapse(context: ActContext, *, limit: int = 200) -> int:
    """Release what stayed reserved longer than it may; how many reservations lapsed."""
    due = read_committed(
        "SELECT limit_id, subject, period, holder FROM limits_holding WHERE lapses_at IS NOT NULL"
        " AND lapses_at <= %s ORDER BY lapses_at, limit_id, subject, period, holder LIMIT %s",
        (to_microseconds(context.clock.now()), limit),
    )
    return sum(_lapse(context.with_key(None), Place(*row)) for row in due)


def _lapse(context: ActContext, place: Place) -> int:
    def work(unit: UnitOfWork) -> int:
        row = _holding(unit, place)
        if row is None or row["lapses_at"] is None or row["lapses_at"] > unit.now_us:
            return 0
        _release(unit, place, "reserved", "lapsed")
        return 1

    return perform("limits.lapse", context, work)


def _check(claim: Claim, amount: Decimal) -> None:
    if not amount.is_finite() or amount <= 0:
        raise refuse(
            "limits.no_amount",
            f"「{claim.limit.title.zh}」按金额占用，金额须为正数",
            f"“{claim.limit.title.en}” is taken up by an amount, which has to be above 0",
            clause=claim.limit.clause,
            remedy_zh="请填写金额",
            remedy_en="Fill in the amount",
        )
    if claim.limit.scope == "act" and amount > claim.ceiling:
        nothing = Decimal(0)
        known = Exposure(claim.limit, claim.subject, "", claim.ceiling, nothing, nothing)
        raise known.refusal(amount)


def _places(unit: UnitOfWork, claim: Claim) -> list[Place]:
    """Where the case holds something of the limit, and where it would now."""
    own = claim.place
    found = [Place(*row) for row in unit.read(_HELD, (claim.holder,))]
    same = [place for place in found if place.limit == own.limit]
    return list(dict.fromkeys([*same, own]))


def _holding(unit: UnitOfWork, place: Place) -> Values | None:
    unit.head(stream_of(place.limit, place.subject))  # before the row: who comes second begins anew
    return unit.row(HOLDINGS.table, place)


def _take(unit: UnitOfWork, claim: Claim, amount: Decimal, lapses_at: int | None) -> None:
    """Reserve ``amount`` more, if that much is left."""
    limit, place = claim.limit, claim.place
    unit.head(stream_of(place.limit, place.subject))
    row = unit.row(EXPOSURES.table, (place.limit, place.subject, place.period))
    reserved, used = (Decimal(row["reserved"]), Decimal(row["used"])) if row else (0, 0)
    known = Exposure(
        limit, claim.subject, claim.period, claim.ceiling, Decimal(reserved), Decimal(used)
    )
    if amount > known.free:
        raise known.refusal(amount)
    said = {"ceiling": claim.ceiling, "clause": limit.clause}
    if lapses_at is not None:
        said["lapses_at"] = lapses_at
    objects = (ObjectRef("clause", limit.clause), ObjectRef(limit.scope, claim.subject))
    _record(unit, place, "limits.reserved", amount, limit.currency, said, objects)


def _release(
    unit: UnitOfWork, place: Place, part: Part, why: str, amount: Decimal | None = None
) -> None:
    row = _holding(unit, place)
    given_back = Decimal(row[part]) if row and amount is None else amount
    if row and given_back:
        said = {"of": part, "why": why}
        _record(unit, place, "limits.released", given_back, row["currency"], said)


def _record(
    unit: UnitOfWork,
    place: Place,
    kind: str,
    amount: Decimal,
    currency: str,
    said: Mapping[str, Any] = _NOTHING,
    objects: tuple[ObjectRef, ...] = (),
) -> None:
    data = {
        "period": place.period,
        "holder": place.holder,
        "amount": amount,
        "currency": currency,
        **said,
    }
    objects = (ObjectRef("case", place.holder), *objects)
    unit.record(stream_of(place.limit, place.subject), Fact(kind, as_fact_data(data), objects))
