"""What a customer does in a procedure by himself, as content says it, and whether what it says exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.forms import Form

# What the act itself says of a rating; content adds what kind of survey and product it is.
_SAID_BY_ACT = ("case", "unit", "answered_on", "channel", "valid", "score", "comment")


def form_for_customer(content: int, procedure: str) -> Form | None:
    """The form a case begins with, without the fields that stand fixed where a customer begins it.

    Its sections stand in the order in which the form names them: his matter before our bookkeeping.
    """
    deployed = deployment(content, procedure)
    start = deployed.procedure.start
    form = deployed.forms.get(start.form or "")
    if form is None or not start.customer_sets:
        return form
    fixed, sections = start.customer_sets, list(form.schema.get("x-sections", ()))

    def place(named: tuple[str, Mapping[str, Any]]) -> int:
        section = named[1].get("x-section")
        return sections.index(section) if section in sections else -1

    left = [(name, item) for name, item in form.properties.items() if name not in fixed]
    schema = {
        **form.schema,
        "properties": dict(sorted(left, key=place)),
        "required": [name for name in form.schema.get("required", ()) if name not in fixed],
    }
    return Form(form.name, schema)


def check_customer(file: SourceFile, built: Deployment, pack: Parsed) -> Iterable[Problem]:
    """Fixed fields, papers, the end of withdrawing and the register of ratings all exist."""
    procedure = built.procedure
    start, form = procedure.start, built.forms.get(procedure.start.form or "")
    if start.customer_may and form is None:
        yield _problem(file, "no_form", "customers begin it without a form", "客户发起须有表单")
    if form is not None and start.customer_sets:
        known = set(form.properties)
        for name in start.customer_sets.keys() - known:
            yield _problem(file, "no_field", f"no field {name}", "表单中没有该字段")
        alone = Form(form.name, {**form.schema, "required": []})
        problem = alone.check({k: v for k, v in start.customer_sets.items() if k in known})
        if problem:
            yield _problem(file, "fixed_value", problem.text.en, problem.text.zh)
    yield from _check_links(file, built, pack)


def _check_links(file: SourceFile, built: Deployment, pack: Parsed) -> Iterator[Problem]:
    procedure = built.procedure
    clauses = [paper.clause for paper in procedure.start.papers]
    elements = list(procedure.rating.after) if procedure.rating else []
    if procedure.withdrawal:
        clauses.append(procedure.withdrawal.clause)
        elements += procedure.withdrawal.closed_by
    for element in elements:
        if element not in built.program.nodes:
            yield _problem(file, "no_element", f"no element {element}", "流程图中没有该环节")
    for clause in clauses:
        if clause not in pack.clauses:
            yield _problem(file, "no_clause", f"no clause {clause}", "引用的条款不存在")
    if procedure.rating is None:
        return
    register = pack.of("register").get(procedure.rating.register)
    if register is None or not register.get("customer_enters"):
        text = f"customers do not enter register {procedure.rating.register}"
        yield _problem(file, "no_register", text, "没有可由客户填写的该台账")
        return
    for name in (*procedure.rating.values, *_SAID_BY_ACT):
        if name not in register["schema"]["properties"]:
            yield _problem(file, "no_field", f"register without field {name}", "台账没有该字段")


def _problem(file: SourceFile, code: str, en: str, zh: str) -> Problem:
    return Problem(file.path, 0, f"process.{code}", en, zh)
