"""Where one goes through the house: every page with real addresses, and a person who may open each.

Read from the data at hand, so that measuring and tests go the same way in any simulated bank.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.urls import reverse

from touchstone.identity.directory import Directory
from touchstone.identity.queries import directory
from touchstone.packs.catalogue import catalogue
from touchstone.process.access import split_pool
from touchstone.standard.queries import chapters, clauses

# Post and unit of those who go through the house; the first whom a page admits is its visitor.
PEOPLE: Mapping[str, tuple[str, str]] = {
    "clerk": ("acceptance_clerk", "b31"),
    "reviewer": ("credit_first_reviewer", "b3"),
    "head": ("branch_head", "b3"),
    "quality": ("quality_officer", "head"),
    "auditor": ("internal_auditor", "head"),
    "system": ("system_administrator", "head"),
    "security": ("security_administrator", "head"),
}
_FEW = 8


@dataclass(frozen=True, slots=True)
class Stop:
    """One address of a page, and who opens it."""

    page: str
    actor: str
    address: str


Where = tuple[str, tuple[str, ...], str]  # who, arguments of the address, its query
Finding = Callable[["_Bank"], Iterable[Where]]


class _Bank:
    """The data at hand, as far as addresses are made of them."""

    def __init__(self, people: Directory, day: dt.date) -> None:
        self._people, self._day = people, day
        found = {
            name: next(iter(people.holders([post], unit, day)), "")
            for name, (post, unit) in PEOPLE.items()
        }
        self.person: Mapping[str, str] = found

    def rows(self, sql: str) -> list[tuple[str, ...]]:
        """Rows of a query over what is stored."""
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return [tuple(map(str, row)) for row in cursor.fetchall()]

    def holder(self, pool: str) -> str | None:
        """Somebody who may take what lies in a pool."""
        posts, unit = split_pool(pool)
        return next(iter(self._people.holders(posts, unit, self._day)), None)

    def objects(self, kind: str) -> list[str]:
        """Ids of the objects of one kind in force."""
        return sorted(catalogue().objects(kind))

    @property
    def days(self) -> list[str]:
        """Measured days, the latest first."""
        return [row[0] for row in self.rows("SELECT as_of FROM measures_liveness ORDER BY 1 DESC")]


def _plain(*who: str, queries: tuple[str, ...] = ("",)) -> Finding:
    return lambda bank: ((one, (), query) for one in who for query in queries)


def _each(kind: str, *who: str, query: str = "") -> Finding:
    return lambda bank: ((one, (name,), query) for one in who for name in bank.objects(kind))


def _rows(sql: str, *who: str) -> Finding:
    return lambda bank: ((one, row, "") for one in who for row in bank.rows(sql))


def _own(sql: str) -> Finding:
    """Rows whose first column is the customer who opens the page."""
    return lambda bank: ((f"customer:{row[0]}", row[1:], "") for row in bank.rows(sql))


def _exams(bank: _Bank) -> Iterable[Where]:
    """Papers, each opened by whoever sat it."""
    for person, paper in bank.rows("SELECT person, id FROM people_sitting ORDER BY id LIMIT 4"):
        yield person, (paper,), ""


def _cases(bank: _Bank) -> Iterable[Where]:
    """One waiting step of each kind, by somebody who may take it; one ended case of each kind."""
    waiting = bank.rows(
        "SELECT pool, min(case_id) FROM process_task WHERE state = 'open' GROUP BY element, pool"
    )
    met: set[str] = set()
    for pool, case in waiting:
        holder = bank.holder(pool)
        if holder and pool.partition("@")[0] not in met:
            met.add(pool.partition("@")[0])
            yield holder, (case,), ""
    yield from _rows(_ENDED, "auditor")(bank)


_ENDED = "SELECT min(id) FROM process_case WHERE state = 'ended' GROUP BY procedure ORDER BY 1"
_MINE = (
    "SELECT customer, min(id) FROM process_case WHERE customer IS NOT NULL AND state = '{state}'"
    " AND caller_case IS NULL GROUP BY procedure, customer ORDER BY 2 LIMIT 8"
)
_CUSTOMERS = (
    "SELECT customer FROM process_case WHERE customer IS NOT NULL GROUP BY customer"
    " ORDER BY count(*) DESC, 1 LIMIT 4"
)
_ASKED = (
    "SELECT c.customer, c.id, w.name FROM process_wait w JOIN process_case c ON c.id = w.case_id"
    " WHERE w.kind = 'receive' AND c.customer IS NOT NULL AND c.caller_case IS NULL"
    " ORDER BY c.id LIMIT 4"
)
_BROKEN_DOWN = ("", "scope=branch:b3", "scope=unit:b31", "scope=channel:counter")


def _board(bank: _Bank) -> Iterable[Where]:
    days = bank.days
    for query in (*_BROKEN_DOWN, f"as_of={days[len(days) // 2]}", f"period={days[-1][:7]}"):
        yield "quality", (), query
    yield "head", (), ""


def _indicators(bank: _Bank) -> Iterable[Where]:
    for number, name in enumerate(bank.objects("indicator")):
        yield "quality", (name,), _BROKEN_DOWN[number % len(_BROKEN_DOWN)]


def _reports(bank: _Bank) -> Iterable[Where]:
    """The report of the month measured last."""
    yield "quality", (bank.days[0][:7],), ""


def _report_files(bank: _Bank) -> Iterable[Where]:
    """Its files."""
    for kind in ("docx", "pdf"):
        yield "quality", (bank.days[0][:7], kind), ""


def _items(bank: _Bank) -> Iterable[Where]:
    """What is behind the numbers: of the latest day, and of an earlier one."""
    days = bank.days
    sides = ("denominator", "numerator", "missed", "excluded")
    for number, name in enumerate(bank.objects("indicator")):
        yield "quality", (name,), f"side={sides[number % len(sides)]}"
        yield "quality", (name,), f"as_of={days[1 + number % (len(days) - 1)]}"


def _heat(bank: _Bank) -> Iterable[Where]:
    months = sorted({day[:7] for day in bank.days})
    for slug in bank.objects("procedure"):
        for month in months:
            yield "quality", (slug,), f"period={month}"
        yield "head", (slug,), "measure=work"
        yield "clerk", (slug,), ""


def _decisions(bank: _Bank) -> Iterable[Where]:
    for kind in ("decision", "scorecard"):
        for name in bank.objects(kind):
            yield "quality", (name,), "try=1&in_0=1"
            yield "clerk", (name,), ""


def _parts(kind: str, bank: _Bank) -> Iterable[Where]:
    version = catalogue().version
    known = (
        [item.id for item in chapters(version)] if kind == "chapter" else sorted(clauses(version))
    )
    step = max(1, len(known) // 24)
    return (("clerk", (name,), "") for name in known[::step])


# Every page that is only looked at, in the order of the navigation.
PAGES: Mapping[str, Finding] = {
    "home": _plain(""),
    "components": _plain(""),
    "work": _plain(
        *("clerk", "reviewer", "head"),
        queries=("", "whose=mine", "due=late", "procedure=loan", "whose=pool"),
    ),
    "work_waiting": _plain("clerk", "reviewer", "head"),
    "cases": _plain(
        *("clerk", "head", "quality"),
        queries=("", "late=1", "procedure=loan", "state=open", "unit=b3", "number=P03", "page=20"),
    ),
    "case": _cases,
    "case_file": _rows(_ENDED, "auditor"),
    "case_file_data": _rows(_ENDED, "auditor"),
    "intake": _plain("clerk"),
    "begin": lambda bank: _may_begin(bank),
    "receipt": _rows(
        "SELECT id FROM process_case WHERE procedure = 'acceptance' AND unit = 'b31' LIMIT 4",
        "clerk",
    ),
    "customers": _plain("clerk"),
    "customer": _rows(_CUSTOMERS, "clerk"),
    "customer_register": _plain("clerk"),
    "customer_change": _rows(
        "SELECT id FROM records_customer WHERE unit = 'b31' ORDER BY id LIMIT 4", "clerk"
    ),
    "customer_erase": _plain("security"),
    "search": _plain("clerk", "auditor", queries=("q=P03", "q=贷款", "q=ACP-02", "q=K05")),
    "standard": _plain("clerk", "quality"),
    "chapter": lambda bank: _parts("chapter", bank),
    "clause": lambda bank: _parts("clause", bank),
    "parameter": lambda bank: (
        ("quality", (name,), "") for name in bank.objects("parameter")[::12]
    ),
    "standard_versions": _plain("quality"),
    "decisions": _plain("clerk", "quality"),
    "decision": _decisions,
    "decision_cases": _decisions,
    "decision_versions": _decisions,
    "decision_drift": _each("scorecard", "quality"),
    "decision_draft": _each("decision", "quality"),
    "decision_what_if": _each("decision", "quality"),
    "procedures": _plain("clerk", "quality"),
    "procedure": _heat,
    "registers": _plain("head", "quality"),
    "register": _each("register", "quality"),
    "register_enter": lambda bank: _may_enter(bank),
    "entry_correct": lambda bank: _may_correct(bank),
    "entry": _rows("SELECT id FROM records_entry ORDER BY id LIMIT 12", "quality"),
    "board": _board,
    "board_wall": _board,
    "hard_numbers": _plain("quality"),
    "indicator": _indicators,
    "indicator_items": _items,
    "trace": _plain("clerk", "quality", queries=("", "gap=any", "page=3")),
    "reports": _plain("quality"),
    "report": _reports,
    "report_file": _report_files,
    "learning": _plain("clerk", "quality"),
    "course": _each("course", "quality"),
    "exam": _exams,
    "findings": _plain("head", "quality", queries=("", "tab=hints", "tab=closed")),
    "findings_ledger": _plain("quality"),
    "xray": _plain("quality"),
    "finding": _rows("SELECT id FROM improvement_finding ORDER BY id LIMIT 6", "quality"),
    "oversight": _plain("head", "quality", queries=("", "kind=handoff", "kind=review")),
    "risks": _plain("head", "quality", queries=("", "likelihood=2&impact=2")),
    "oversight_held": _plain("head", "quality"),
    "oversight_overdue": _plain("head", "quality", queries=("", "page=3")),
    "oversight_incidents": _plain("quality", "system"),
    "oversight_later": _plain("quality"),
    "matter": _rows("SELECT id FROM process_matter ORDER BY id LIMIT 6", "quality"),
    "journal": _plain("auditor", queries=("", "kind=process.case_started", "person=p010")),
    "journal_event": _rows(
        "SELECT stream, position FROM journal_event WHERE stream LIKE 'case:%' ORDER BY id LIMIT 8",
        "auditor",
    ),
    "journal_looks": _plain("auditor"),
    "journal_verify": _plain("auditor"),
    "journal_export": _plain("auditor"),
    "people": _plain("auditor", "security", queries=("", "post=acceptance_clerk", "page=2")),
    "person": _rows("SELECT id FROM identity_person ORDER BY id LIMIT 6", "security"),
    "person_join": _plain("system"),
    "messages": _plain("quality", "system", queries=("", "page=2")),
    "messages_print": _plain("clerk"),
    "message": _rows("SELECT id FROM service_message ORDER BY id LIMIT 6", "quality"),
    "settings": _plain("clerk"),
    "tokens": _plain("clerk"),
    "webhooks": _plain("system"),
    "portal": _own(_CUSTOMERS),
    "portal_apply": _own(_CUSTOMERS),
    "portal_begin": lambda bank: (
        (f"customer:{customer}", (slug,), "")
        for (customer,) in bank.rows(_CUSTOMERS)[:2]
        for slug in ("account", "loan", "transfer")
        if slug in bank.objects("procedure")
    ),
    "portal_complain": _own(_CUSTOMERS),
    "portal_letters": _own(_CUSTOMERS),
    "portal_data": _own(_CUSTOMERS),
    "portal_case": lambda bank: [
        *_own(_MINE.format(state="open"))(bank),
        *_own(_MINE.format(state="ended"))(bank),
    ],
    "portal_answer": _own(_ASKED),
    "portal_withdraw": _own(_MINE.format(state="open")),
    "portal_rate": _own(_MINE.format(state="ended")),
}


def _may_begin(bank: _Bank) -> Iterable[Where]:
    for slug, item in sorted(catalogue().objects("procedure").items()):
        if PEOPLE["clerk"][0] in item.data["start"]["posts"]:
            yield "clerk", (slug,), ""


def _may_enter(bank: _Bank) -> Iterable[Where]:
    for name, item in sorted(catalogue().objects("register").items()):
        for post in item.data["entered_by"]:
            holder = bank.holder(f"{post}@b31") or bank.holder(f"{post}@head")
            if holder:
                yield holder, (name,), ""
                break


def _may_correct(bank: _Bank) -> Iterable[Where]:
    found = bank.rows(
        "SELECT register, unit, min(id) FROM records_entry WHERE state <> 'void'"
        " GROUP BY register, unit ORDER BY register, unit"
    )
    for name, unit, entry in found[:_FEW]:
        for post in catalogue().objects("register")[name].data["entered_by"]:
            holder = bank.holder(f"{post}@{unit}")
            if holder:
                yield holder, (entry,), ""
                break


def stops(day: dt.date, names: Iterable[str] = PAGES) -> tuple[Stop, ...]:
    """Addresses of the pages in the order of the table; a page without data has none."""
    bank = _Bank(directory(), day)
    found = []
    for name in names:
        for who, args, query in PAGES[name](bank):
            actor = bank.person.get(who, who)
            address = reverse(name, args=args) + (f"?{query}" if query else "")
            found.append(Stop(name, actor, address))
    return tuple(found)
