"""A course: whom it is for and the bank of questions that its papers are drawn from. A kind of content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import Catalogue, ContentObject
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile

CLAUSE = "TRN-06"
_JUDGEMENT = {"A": Text("正确", "Right"), "B": Text("错误", "Wrong")}


@dataclass(frozen=True)
class Question:
    """One question of a bank.

    Attributes:
        kind: ``single``, ``multiple`` or ``judgement`` (right or wrong).
        options: letter -> what it says, in order.
        answer: the letters that are right; all of them and no other earn the point.
        clause: where the answer stands.
    """

    id: str
    kind: str
    clause: str
    text: Text
    options: Mapping[str, Text]
    answer: frozenset[str]
    why: Text


@dataclass(frozen=True)
class Course:
    """A course with an exam; ``posts`` are those whose holders are examined."""

    id: str
    title: Text
    purpose: Text
    clause: str
    posts: frozenset[str]
    questions: Mapping[str, Question]


def read_course(raw: Mapping[str, Any]) -> Course:
    """A course of its parsed YAML, which lint has accepted."""
    questions = {item["id"]: _question(item) for item in raw["questions"]}
    return Course(
        raw["id"],
        Text.from_mapping(raw["title"]),
        Text.from_mapping(raw["purpose"]),
        raw["clause"],
        frozenset(raw["posts"]),
        questions,
    )


def _question(raw: Mapping[str, Any]) -> Question:
    written = raw.get("options")
    options = (
        {letter: Text.from_mapping(text) for letter, text in sorted(written.items())}
        if written
        else _JUDGEMENT
    )
    return Question(
        raw["id"],
        raw["kind"],
        raw["clause"],
        Text.from_mapping(raw["text"]),
        options,
        frozenset(raw["answer"]),
        Text.from_mapping(raw["why"]),
    )


@lru_cache(maxsize=64)
def _read(found: ContentObject) -> Course:
    return read_course(found.data)


def course_of(standard: Catalogue, identity: str) -> Course:
    """The course ``identity`` of a version of the standard.

    Raises:
        Refusal: ``people.no_such_course``.
    """
    found = standard.get("course", identity)
    if found is None:
        raise refuse(
            "people.no_such_course",
            f"现行标准中没有课程「{identity}」",
            f"The standard in force has no course “{identity}”",
        )
    return _read(found)


def courses(standard: Catalogue) -> tuple[Course, ...]:
    """Every course of a version of the standard, in order of id."""
    return tuple(_read(item) for _, item in sorted(standard.objects("course").items()))


def check_course(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Posts and clauses exist, and every question has a key that fits its kind."""
    if data["id"] != file.id:
        yield _problem(file, "wrong_id", f"the id is not {file.id}", "编号与文件名不一致")
    for post in data["posts"]:
        if post not in pack.posts:
            yield _problem(file, "no_post", f"no post {post}", f"岗位 {post} 不存在")
    if data["clause"] not in pack.clauses:
        yield _problem(file, "no_clause", f"no clause {data['clause']}", "引用的条款不存在")
    seen: set[str] = set()
    for item in data["questions"]:
        if item["id"] in seen:
            yield _problem(file, "question_twice", f"{item['id']} is there twice", "题号重复")
        seen.add(item["id"])
        yield from _check_question(file, item, pack)


def _check_question(file: SourceFile, item: Any, pack: Parsed) -> Iterable[Problem]:
    name, options = item["id"], set(item.get("options") or _JUDGEMENT)
    if item["clause"] not in pack.clauses:
        text = f"{name}: no clause {item['clause']}"
        yield _problem(file, "no_clause", text, f"{name}：引用的条款不存在")
    if (item["kind"] == "judgement") == bool(item.get("options")):
        text = f"{name}: a judgement has no options of its own, every other question has"
        yield _problem(file, "options", text, f"{name}：判断题不列选项，其余题型须列选项")
    if not set(item["answer"]) <= options:
        text = f"{name}: the answer names an option that is not there"
        yield _problem(file, "answer", text, f"{name}：答案不在选项之中")
    if (item["kind"] == "multiple") != (len(item["answer"]) > 1):
        text = f"{name}: only a multiple question has several right letters"
        yield _problem(file, "answer", text, f"{name}：只有多选题有多个答案")


def _problem(file: SourceFile, code: str, en: str, zh: str) -> Problem:
    return Problem(file.path, 0, f"people.{code}", en, zh)
