"""What a register (台账) is: its form, who enters, who confirms. A kind of content; pure but for one look-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from touchstone.kernel.forms import Form, form_problems
from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import Catalogue, ContentObject
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile

PERSONAL_REQUESTS = "personal-request"
"""The register that customers' requests on their own data go to."""


@dataclass(frozen=True)
class Register:
    """A register of the standard.

    Attributes:
        entered_by: posts that enter, correct and void.
        confirmed_by: posts of the second person; empty where an entry counts at once.
        customer_enters: customers enter it too, about themselves, through an act of theirs.
        system_enters: an act of the house enters it with what it records; then perhaps nobody by hand.
        dated_by: the date field that an entry is looked up by; None: the day of entering.
    """

    id: str
    title: Text
    clause: str
    form: Form
    entered_by: tuple[str, ...]
    confirmed_by: tuple[str, ...]
    dated_by: str | None
    customer_enters: bool = False
    system_enters: bool = False


def read_register(identity: str, raw: Mapping[str, Any]) -> Register:
    """A register of its parsed YAML, which lint has accepted."""
    form = Form(identity, raw["schema"])
    dates = [
        name for name in raw["columns"] if form.properties.get(name, {}).get("format") == "date"
    ]
    return Register(
        identity,
        Text.from_mapping(raw["title"]),
        raw["clause"],
        form,
        tuple(raw["entered_by"]),
        tuple(raw.get("confirmed_by") or ()),
        dates[0] if dates else None,
        bool(raw.get("customer_enters")),
        bool(raw.get("system_enters")),
    )


@lru_cache(maxsize=512)
def _read(found: ContentObject) -> Register:
    return read_register(found.id, found.data)


def register_of(standard: Catalogue, identity: str) -> Register:
    """The register ``identity`` of a version of the standard.

    Raises:
        Refusal: ``records.no_such_register``.
    """
    found = standard.get("register", identity)
    if found is None:
        raise refuse(
            "records.no_such_register",
            f"现行标准中没有台账「{identity}」",
            f"The standard in force has no register “{identity}”",
        )
    return _read(found)


def check_register(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Everything the register names exists, and its schema is a form."""
    if data["id"] != file.id:
        yield _problem(file, "wrong_id", f"the id is not {file.id}", "编号与文件名不一致")
    if data["clause"] not in pack.clauses:
        yield _problem(file, "no_clause", f"no clause {data['clause']}", "引用的条款不存在")
    if not data["entered_by"] and not data.get("system_enters"):
        yield _problem(file, "nobody_enters", "nobody enters it", "没有人录入")
    posts = pack.posts
    for post in (*data["entered_by"], *(data.get("confirmed_by") or ())):
        if post not in posts:
            yield _problem(file, "no_post", f"no post {post}", "岗位不存在")
        elif posts[post].get("read_only"):
            yield _problem(
                file,
                "post_only_reads",
                f"{post} only reads and writes no entry",
                "只读岗位不得录入",
            )
    for name in data["columns"]:
        if name not in data["schema"]["properties"]:
            yield _problem(file, "no_column", f"no field {name}", "列没有对应的字段")
    try:
        jsonschema_rs.Draft202012Validator(data["schema"])
    except (ValueError, jsonschema_rs.ValidationError) as error:
        text = str(error).splitlines()[0][:200]
        yield _problem(file, "schema", text, "台账的字段定义无法读取")
        return
    yield from form_problems(file.path, data["schema"])
    for name, field in data["schema"]["properties"].items():
        if field.get("x-file"):
            yield _problem(file, "no_files", f"{name}: a register holds no files", "台账不保存文件")


def _problem(file: SourceFile, code: str, en: str, zh: str) -> Problem:
    return Problem(file.path, 0, f"records.{code}", en, zh)
