"""What a search finds for one visitor, group by group; nothing he may not know of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.deployment import deployment
from touchstone.process.finding import KnownCase, cases_named
from touchstone.records.queries import customer
from touchstone.standard.queries import clauses
from touchstone.web.naming import Naming, page_of
from touchstone.web.visitor import Visitor

MOST = 10
_LONGEST = 80
_SHORTEST_WORD = 2
_SHORTEST_NUMBER = 3
# What may be somebody's identity number or telephone; it is never looked for from the address.
_PERSONAL = re.compile(r"\+?[0-9][0-9Xx -]{6,}")
_AROUND = 42
# A value in a clause's wording that names its parameter.
_MARKED = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found; ``state`` is a look's name where it has one."""

    title: Text
    line: Text
    address: str | None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind; ``more`` says that there are others."""

    title: Text
    icon: str
    hits: tuple[Hit, ...]
    more: bool = False


@dataclass(frozen=True)
class Found:
    """Everything found; ``is_personal`` where the text looks like a number of a person's."""

    text: str
    groups: tuple[Group, ...]
    is_personal: bool


def search_for(text: str, visitor: Visitor) -> Found:
    """What the visitor finds under ``text``."""
    wanted = " ".join(text.split())[:_LONGEST]
    is_personal = bool(_PERSONAL.fullmatch(wanted))
    if len(wanted) < _SHORTEST_WORD or is_personal:
        return Found(wanted, (), is_personal)
    listed = (
        _cases(wanted, visitor),
        _customers(wanted, visitor),
        _group(Text("条款", "Clauses"), "book-2", _clauses(wanted)),
        _group(Text("流程", "Procedures"), "sitemap", _content(wanted, "procedure")),
        _group(Text("指标", "Indicators"), "gauge", _content(wanted, "indicator")),
        _group(Text("台账", "Registers"), "table", _content(wanted, "register")),
        _group(Text("人员", "People"), "user", _people(wanted, visitor)),
    )
    return Found(wanted, tuple(group for group in listed if group.hits), is_personal=False)


def _group(title: Text, icon: str, hits: Iterator[Hit]) -> Group:
    found = [hit for _, hit in zip(range(MOST + 1), hits, strict=False)]
    return Group(title, icon, tuple(found[:MOST]), len(found) > MOST)


def _cases(wanted: str, visitor: Visitor) -> Group:
    found: tuple[KnownCase, ...] = ()
    if len(wanted) >= _SHORTEST_NUMBER and wanted.isascii():
        found = cases_named(wanted, visitor.sight, most=MOST + 1)
    naming = Naming(visitor.directory)
    return _group(
        Text("业务", "Cases"),
        "briefcase",
        (
            Hit(
                Text(case.number, case.number),
                _joined(
                    deployment(case.content, case.procedure).procedure.title, naming.unit(case.unit)
                ),
                page_of("case", case.id),
                case.state,
            )
            for case in found
        ),
    )


def _joined(one: Text, other: Text) -> Text:
    return Text(f"{one.zh} · {other.zh}", f"{one.en} · {other.en}")


def _customers(wanted: str, visitor: Visitor) -> Group:
    """A customer by his id alone, where the visitor may find customers."""
    known = customer(wanted) if visitor.may("records.find_customer") else None
    hits: tuple[Hit, ...] = ()
    if known is not None:
        name = known.masked().get("name", known.id)
        unit = Naming(visitor.directory).unit(known.unit)
        hits = (Hit(Text(name, name), unit, page_of("customer", known.id)),)
    return Group(Text("客户", "Customers"), "users", hits)


def _clauses(wanted: str) -> Iterator[Hit]:
    """By id first, then by title, then by wording."""
    version = catalogue().version
    known = list(clauses(version).values()) if version else []
    words = wanted.casefold()
    by_id = [item for item in known if item.id.casefold().startswith(words)]
    by_title = [item for item in known if _holds(item.title, words)]
    by_text = [item for item in known if _holds(item.text, words)]
    for clause in dict.fromkeys(item.id for item in (*by_id, *by_title, *by_text)):
        found = clauses(version)[clause]
        title = Text(f"{found.id} {found.title.zh}", f"{found.id} {found.title.en}")
        yield Hit(title, _excerpt(found.text, words), page_of("clause", found.id))


def _content(wanted: str, kind: str) -> Iterator[Hit]:
    words = wanted.casefold()
    for name, item in sorted(catalogue().objects(kind).items()):
        title = Text.from_mapping(item.data["title"])
        number = str(item.data.get("id", name))
        if words in (name.casefold(), number.casefold()) or _holds(title, words):
            yield Hit(
                Text(f"{number} {title.zh}", f"{number} {title.en}"),
                _purpose(item.data),
                page_of(kind, name),
            )


def _purpose(data: object) -> Text:
    for name in ("purpose", "definition", "description"):
        said = data.get(name) if isinstance(data, dict) else None
        if isinstance(said, dict) and {"zh", "en"} <= set(said):
            return _excerpt(Text.from_mapping(said), "")
    return Text("", "")


def _people(wanted: str, visitor: Visitor) -> Iterator[Hit]:
    if not visitor.may("people.read"):
        return
    words, naming = wanted.casefold(), Naming(visitor.directory)
    for person in visitor.directory.persons.values():
        if words == person.id.casefold() or _holds(person.name, words):
            held = visitor.directory.posts_of(person.id, visitor.day)
            posts = [naming.pool(f"{item.post}@{item.unit}") for item in held]
            line = Text("、".join(item.zh for item in posts), "; ".join(item.en for item in posts))
            name = Text(f"{person.name.zh} {person.id}", f"{person.name.en} {person.id}")
            yield Hit(name, line, page_of("person", person.id))


def _holds(text: Text, words: str) -> bool:
    return words in text.zh.casefold() or words in text.en.casefold()


def _excerpt(text: Text, words: str) -> Text:
    """The text around the first place that holds the words, else its beginning."""

    def around(said: str) -> str:
        plain = " ".join(_MARKED.sub(r"\1", said).split())
        at = max(0, plain.casefold().find(words) - _AROUND) if words else 0
        piece = plain[at : at + 3 * _AROUND]
        before, after = "…" if at else "", "…" if at + 3 * _AROUND < len(plain) else ""
        return f"{before}{piece}{after}"

    return Text(around(text.zh), around(text.en))
