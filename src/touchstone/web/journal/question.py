"""What an auditor asks of the journal: the address's filters as a search, and whom it is about."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from touchstone.identity.directory import Directory
from touchstone.journal.search import Wanted
from touchstone.kernel.facts import ObjectRef
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE, to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.finding import KnownCase, cases_of_customer, known_case
from touchstone.records.queries import customer
from touchstone.standard.queries import clauses
from touchstone.web.journal.wording import KINDS, OBJECTS

_STREAM = re.compile(r"[a-z]+(:[\w.:-]{1,80})?")
_LONGEST = 120


@dataclass(frozen=True)
class Question:
    """The filters as they were typed, and what they mean.

    Attributes:
        wanted: None where a filter names nothing that is known.
        about: people whose data the answer tells of; reading it is recorded.
        problem: what is not known, in words.
    """

    person: str
    object: str
    kind: str
    from_day: str
    to_day: str
    wanted: Wanted | None
    about: tuple[ObjectRef, ...] = ()
    problem: Text | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked: the latest of everything."""
        return not (self.person or self.object or self.kind or self.from_day or self.to_day)


@dataclass(frozen=True, slots=True)
class _Meaning:
    streams: tuple[str, ...] = ()
    mention: tuple[str, str] | None = None
    about: tuple[ObjectRef, ...] = ()


def read_question(asked: Mapping[str, str], directory: Directory) -> Question:
    """The question that an address asks."""
    person, thing, kind, first, last = (
        asked.get(name, "").strip()[:_LONGEST]
        for name in ("person", "object", "kind", "from", "to")
    )

    def answer(
        wanted: Wanted | None,
        about: tuple[ObjectRef, ...] = (),
        problem: Text | None = None,
    ) -> Question:
        return Question(person, thing, kind, first, last, wanted, about, problem)

    actor: str | None = None
    if person:
        found = _persons(person, directory)
        if len(found) != 1:
            return answer(None, problem=_which_person(found))
        actor = found[0]
    meaning = _Meaning()
    if thing:
        known = _meaning(thing, directory)
        if known is None:
            return answer(None, problem=_NO_OBJECT)
        meaning = known
    try:
        since, until = _start(first), _start(last, days=1)
    except ValueError:
        return answer(None, problem=_NO_DAY)
    about = meaning.about + ((ObjectRef("person", actor),) if actor else ())
    kinds = (kind,) if kind in KINDS else ()
    wanted = Wanted(
        meaning.streams,
        actor=actor,
        kinds=kinds,
        mention=meaning.mention,
        since=since,
        until=until,
    )
    return answer(wanted, about)


_NO_OBJECT = Text(
    "没有这个对象。可以输入业务编号、客户编号、条款编号、指标编号、台账、机构或日志流名称。",
    "There is no such object. Enter the number of a case, the id of a customer, clause, indicator,"
    " register or unit, or the name of a stream.",
)
_NO_DAY = Text("日期应写作 年-月-日", "Write days as YYYY-MM-DD")


def _which_person(found: tuple[str, ...]) -> Text:
    if not found:
        return Text(
            "没有这个人员。请输入人员编号或姓名。",
            "There is no such person. Enter an id or a name.",
        )
    listed = ", ".join(found[:10])
    return Text(
        f"有多人同名，请用人员编号：{listed}", f"Several have this name; use an id: {listed}"
    )


def _persons(text: str, directory: Directory) -> tuple[str, ...]:
    if text in directory.persons or text.startswith(("system:", "customer:")):
        return (text,)
    wanted = text.casefold()
    return tuple(
        sorted(
            person.id
            for person in directory.persons.values()
            if wanted in (person.name.zh.casefold(), person.name.en.casefold())
        )
    )


def _meaning(text: str, directory: Directory) -> _Meaning | None:
    """What an object's number or id stands for."""
    version = catalogue().version
    if version and text.upper() in clauses(version):
        return _Meaning(mention=("clause", text.upper()))
    case = known_case(text)
    if case is not None:
        return _Meaning((f"case:{case.id}",), about=_customer_of(case))
    if customer(text) is not None:
        cases = (f"case:{item.id}" for item in cases_of_customer(text))
        streams = (f"customer:{text}", f"subject:{text}", *cases)
        return _Meaning(streams, about=(ObjectRef("customer", text),))
    for kind in ("indicator", "register"):
        if catalogue().get(kind, text) is not None:
            return _Meaning(mention=(kind, text))
    if text in directory.units:
        return _Meaning(mention=("unit", text))
    if text in directory.persons:
        return _Meaning(mention=("person", text), about=(ObjectRef("person", text),))
    if _STREAM.fullmatch(text) and text.partition(":")[0] in OBJECTS:
        return _Meaning((text,), about=about_stream(text))
    return None


def streams_about(subject: str) -> tuple[str, ...]:
    """The streams behind a subject of the vault: of a customer, of his case, of another object."""
    if ":" in subject:
        return (subject,)
    customer, dot, case = subject.partition(".")
    return (f"customer:{customer}", f"case:{case}") if dot else (f"customer:{customer}",)


def about_stream(stream: str) -> tuple[ObjectRef, ...]:
    """The person whose data a stream tells of, where it does."""
    type, _, identity = stream.partition(":")
    if type == "subject":
        return about_stream(streams_about(identity)[0])
    if type == "customer":
        return (ObjectRef("customer", identity),)
    if type == "case":
        case = known_case(identity)
        return _customer_of(case) if case else ()
    return ()


def _customer_of(case: KnownCase) -> tuple[ObjectRef, ...]:
    return (ObjectRef("customer", case.customer),) if case.customer else ()


def _start(text: str, *, days: int = 0) -> int | None:
    """The first instant of a day of the institution, or of the day after."""
    if not text:
        return None
    day = dt.date.fromisoformat(text)
    if not 2000 <= day.year <= 2100:
        raise ValueError(text)
    moment = dt.datetime.combine(day, dt.time(), INSTITUTION_ZONE) + dt.timedelta(days=days)
    return to_microseconds(moment)
