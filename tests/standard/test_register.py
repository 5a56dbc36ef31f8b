"""The shipped standard against the register of requirements it was written from, where that is at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_UP, Decimal
from functools import cache
from typing import Any

import pytest

from tests.conftest import shared_folder
from tests.standard.explained import EXPLAINED
from touchstone.packs.kinds import Parsed
from touchstone.packs.lint import parse
from touchstone.packs.source import read, shipped_pack

_LINK = re.compile(r"\[[^\]\n]+\]\(parameter:([\w.]+)\)")
# What is written with digits and is no number: names of indicators, clauses, sources, laws, grades.
_NAME = re.compile(
    r"\b(?:K|KCP-?|P|Q|[A-Z]{3}-)\d+\b|\bS\d(?:-[\d.]+)?\b|\b[RCM]\d(?:–[RCM]?\d)?\b"
    r"|\b(?:ISO|JR/T|CAS|art\.|§|No\.?|S4 ch\.)\s*[\d.§–-]+|\b20\d\d\b|\d+号|\b050\d(?:–050\d)?\b"
    r"|24×7|360°|T\+1|×\s*[\d ]+"
)
_NUMBER = re.compile(r"(\d+(?: \d{3})*(?:\.\d+)?)\s*([A-Za-z%‱]*)")
_CLAUSE_NAME = re.compile(r"(?<![A-Za-z])(?:[A-Z]{3}-|K)\d\d(?!\d)")
_MONTHS = {"m": 1, "month": 1, "months": 1, "y": 12, "year": 12}


@pytest.fixture(scope="module")
def register() -> list[dict[str, Any]]:
    file = shared_folder("TOUCHSTONE_REGISTER", "domain") / "clauses.json"
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return found


@cache
def _pack() -> Parsed:
    return parse(read(shipped_pack()))[0]


@cache
def _clauses(kind: str = "chapter") -> Mapping[str, dict[str, Any]]:
    chapters = _pack().of(kind).values()
    return {clause["id"]: clause for chapter in chapters for clause in chapter["clauses"]}


def _cited(clause: Mapping[str, Any]) -> set[str]:
    settled = (clause.get("facts") or {}).get("settled") or {}
    return set(_LINK.findall(" ".join([clause["text"], *settled.values()])))


def _values(clause: str) -> Iterator[Decimal]:
    """Every number of the parameters that the clause cites or that come from it; lists count."""
    cited = _cited(_clauses()[clause]) | _cited(_clauses("chapter_en")[clause])
    for name, raw in _pack().of("parameter").items():
        if name not in cited and raw["clause"] != clause:
            continue
        for dated in raw["values"]:
            value = dated["value"]
            if isinstance(value, list):
                yield Decimal(len(value))
            found = re.findall(r"\d+(?:\.\d+)?", str(value))
            yield from (Decimal(each) for each in found)


def _asked(entry: Mapping[str, Any]) -> Iterator[tuple[str, set[Decimal]]]:
    """Each number of a register's entry as written, with what it may be in a parameter."""
    for field in ("requirement", "enforce", "indicator"):
        text = _NAME.sub(" ", entry[field])
        for number, unit in _NUMBER.findall(text):
            value = Decimal(number.replace(" ", ""))
            may = {value}
            if unit in _MONTHS:  # limits are written in days or hours
                months = value * _MONTHS[unit]
                days = (months * 365 / 12).to_integral_value(ROUND_UP)
                may |= {months, months * 30, days}
            if unit == "days":
                may.add(value * 24)
            yield f"{number} {unit}".strip(), may


def test_every_clause_of_the_register_stands_with_its_type_and_sources(
    register: list[dict[str, Any]],
) -> None:
    ours = {
        identity: (clause["facts"]["kind"], frozenset(clause["facts"]["sources"]))
        for identity, clause in _clauses().items()
    }

    assert len(register) == 253
    assert ours == {entry["id"]: (entry["kind"], frozenset(entry["sources"])) for entry in register}


def test_every_number_of_the_register_is_a_parameter(register: list[dict[str, Any]]) -> None:
    # Whatever shall always or never be has its target from one clause, instead of ninety.
    everywhere = {Decimal(100), Decimal(0)}
    assert {"measures.full_target", "measures.none_target"} <= _cited(_clauses()["MON-06"])
    missing = {
        (entry["id"], written)
        for entry in register
        for written, may in _asked(entry)
        if not may & (everywhere | set(_values(entry["id"])))
    }

    assert missing == set(EXPLAINED), "no parameter and no reason, or a reason without need"


def test_the_english_wording_cites_what_the_chinese_cites_and_each_is_there() -> None:
    parameters = _pack().of("parameter").keys()
    for identity, clause in _clauses().items():
        cited = set(_LINK.findall(clause["text"]))
        assert cited == set(_LINK.findall(_clauses("chapter_en")[identity]["text"])), identity
        assert _cited(clause) <= parameters, identity


@pytest.mark.parametrize("kind", ["chapter", "chapter_en"])
def test_no_clause_holds_a_number_that_is_no_parameter(kind: str) -> None:
    bare = {
        identity: found
        for identity, clause in _clauses(kind).items()
        if (
            found := re.findall(
                r"\d+|百分之\w", _CLAUSE_NAME.sub("", _LINK.sub("", clause["text"]))
            )
        )
    }

    assert bare == {}


def test_every_parameter_stands_in_a_clause_or_is_the_line_of_an_indicator() -> None:
    told = {name for clause in _clauses().values() for name in _cited(clause)}
    untold = _pack().of("parameter").keys() - told

    assert [name for name in untold if not re.fullmatch(r"k\d\d\.\w+", name)] == []
