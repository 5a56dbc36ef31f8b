"""What a letter must keep to beside the rest of the standard: every name it uses is there and open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile
from touchstone.process.deployment import names_of, sealed_fields
from touchstone.process.forms import Form
from touchstone.process.procedure import Procedure, read_procedure
from touchstone.service.letters import GIVEN, Letter, read_letter


def check_letter(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Everything the letter names exists in the standard and in every procedure that sends it."""
    letter = read_letter(file.id or "", data)
    yield from _check_standard(file, letter, pack)
    yield from _check_places(file, letter)
    if letter.purpose != "case":
        if letter.variables or letter.clocks or letter.to.kind == "customer":
            yield _problem(file, "not_of_a_case", "a list knows no case", "清单不涉及单笔业务")
        return
    if letter.to.kind == "everybody":
        yield _problem(
            file, "to_everybody", "only a list goes to everybody", "只有清单发给全体人员"
        )
    for slug, raw in pack.of("procedure").items():
        procedure = read_procedure(slug, raw)
        if any(step.letter and step.letter.id == letter.id for step in procedure.steps.values()):
            yield from _check_procedure(file, letter, procedure, pack)


def _check_standard(file: SourceFile, letter: Letter, pack: Parsed) -> Iterator[Problem]:
    for clause in (letter.clause, *letter.clauses):
        if clause not in pack.clauses:
            yield _problem(file, "no_clause", f"no clause {clause}", f"条款 {clause} 不存在")
    known = pack.of("parameter")
    for limit in letter.limits:
        if limit not in known:
            yield _problem(file, "no_parameter", f"no parameter {limit}", f"参数 {limit} 不存在")
        elif known[limit]["unit"] != "limit":
            yield _problem(file, "not_a_limit", f"{limit} is no time limit", f"{limit} 不是时限")
    posts = pack.posts
    for post in letter.to.posts:
        if post not in posts:
            yield _problem(file, "no_post", f"no post {post}", f"岗位 {post} 不存在")


def _check_places(file: SourceFile, letter: Letter) -> Iterator[Problem]:
    zh, en = letter.places("zh"), letter.places("en")
    for name in sorted((zh | en) - letter.names()):
        yield _problem(
            file, "unknown_name", f"{{{name}}} is no name it may use", f"{{{name}}} 不是可用的名称"
        )
    for name in sorted(zh ^ en):
        yield _problem(
            file,
            "one_language",
            f"{{{name}}} stands in one language only",
            f"{{{name}}} 只出现在一种语言中",
        )
    for name in sorted(letter.names() - GIVEN[letter.purpose] - (zh | en)):
        yield _problem(file, "unused", f"{name} is not used", f"{name} 没有用到")
    for variable in sorted(set(letter.words) - set(letter.variables)):
        yield _problem(
            file,
            "no_variable",
            f"words for {variable}, which it does not use",
            "用语没有对应的变量",
        )


def _check_procedure(
    file: SourceFile, letter: Letter, procedure: Procedure, pack: Parsed
) -> Iterator[Problem]:
    slug = procedure.slug
    forms = {
        identity.partition("/")[2]: Form(identity.partition("/")[2], schema)
        for identity, schema in pack.of("form").items()
        if identity.startswith(f"{slug}/")
    }
    opened = set(names_of(procedure, forms)) - sealed_fields(forms) - {"values", "actor"}
    for variable in letter.variables:
        if variable not in opened:
            yield _problem(
                file,
                "no_variable",
                f"{variable} is no open variable of {slug}",
                f"{variable} 不是流程 {slug} 的公开变量",
            )
            continue
        for value in sorted(_values_of(variable, forms) - set(letter.words.get(variable, {}))):
            yield _problem(
                file,
                "no_words",
                f"{variable}: no words for the value {value}",
                f"{variable} 的取值 {value} 没有用语",
            )
    for clock in set(letter.clocks) - {str(item.get("id")) for item in procedure.clocks}:
        yield _problem(file, "no_clock", f"{slug} has no clock {clock}", f"流程没有时限 {clock}")


def _values_of(variable: str, forms: Mapping[str, Form]) -> set[str]:
    """The words a coded field can hold; they are for machines and never stand in a letter."""
    return {
        value
        for form in forms.values()
        for value in form.properties.get(variable, {}).get("enum") or ()
        if isinstance(value, str)
    }


def _problem(file: SourceFile, code: str, en: str, zh: str) -> Problem:
    return Problem(file.path, 0, f"service.{code}", en, zh)
