"""What a procedure's links to the rest of the standard must keep to; asked when a pack is read."""

from __future__ import annotations

from collections.abc import Iterator

from touchstone.decisions.limits.definition import LimitDefinition, read_limit
from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile
from touchstone.process.deployment import Deployment
from touchstone.process.procedure import LimitUse, Message

# Who does what no person does.
WORKER = "system:worker"


def check_posts(file: SourceFile, built: Deployment, pack: Parsed) -> Iterator[Problem]:
    """A step's posts exist, and are held at the level of the organisation where the step is done."""
    posts = pack.posts
    for element, step in built.procedure.steps.items():
        for post in step.posts:
            if posts and post not in posts:
                yield Problem(
                    file.path, 0, "process.no_such_post", f"no post {post}", "岗位不存在", element
                )
                continue
            if posts.get(post, {}).get("read_only"):
                yield Problem(
                    file.path,
                    0,
                    "process.post_only_reads",
                    f"{element}: {post} only reads and does no step",
                    "只读岗位不得办理环节",
                    element,
                )
            level = posts.get(post, {}).get("level", step.unit)
            if step.unit != "case" and level != step.unit:
                text = f"{element}: {post} is held at the {level}, not at the {step.unit}"
                zh = "岗位不在该环节所在的机构层级"
                yield Problem(file.path, 0, "process.post_elsewhere", text, zh, element)


def check_handoffs(file: SourceFile, built: Deployment, pack: Parsed) -> Iterator[Problem]:
    """A hand-off stands on a machine step, names a post and a limit, and a procedure still missing."""

    def problem(code: str, element: str, en: str, zh: str) -> Problem:
        return Problem(file.path, 0, code, f"{element}: {en}", f"{element}:{zh}", element)

    there = {data["id"]: slug for slug, data in pack.of("procedure").items()}
    posts = pack.posts
    nodes = built.program.nodes
    for element, step in built.procedure.steps.items():
        node = nodes.get(element)
        handler = (node.detail if node else None) or step.service_handler
        link = step.handoff
        if link is None:
            if handler == "handoff":
                yield problem(
                    "process.no_handoff",
                    element,
                    "says nothing of what is handed off",
                    "缺少移交说明",
                )
            continue
        if (node and node.kind != "service") or handler != "handoff":
            yield problem(
                "process.not_a_handoff",
                element,
                "only a service task with the handler handoff hands off",
                "只有移交处理器的服务任务可以移交",
            )
        if link.procedure in there:
            yield problem(
                "process.handoff_exists",
                element,
                f"{link.procedure} is in the standard: call {there[link.procedure]} instead",
                f"流程 {link.procedure} 已经存在，应改为调用 {there[link.procedure]}",
            )
        if posts and link.post not in posts:
            yield problem("process.no_such_post", element, f"no post {link.post}", "岗位不存在")
        limit = built.parameters.get(link.limit)
        if limit is not None and limit.unit != "limit":
            yield problem(
                "process.not_a_limit",
                element,
                f"{link.limit} is no time limit",
                f"参数 {link.limit} 不是时限",
            )


def check_starts(file: SourceFile, built: Deployment, pack: Parsed) -> Iterator[Problem]:
    """What a step begins is in the standard, a machine may begin it, and its form is filled."""

    def problem(code: str, element: str, en: str, zh: str) -> Problem:
        return Problem(
            file.path, 0, f"process.{code}", f"{element}: {en}", f"{element}：{zh}", element
        )

    there = {data["id"]: slug for slug, data in pack.of("procedure").items()}
    for element, step in built.procedure.steps.items():
        node = built.program.nodes.get(element)
        handler = (node.detail if node else None) or step.service_handler
        link = step.starts
        if (link is None) != (handler != "start_procedure") or (
            link and node and node.kind != "service"
        ):
            yield problem(
                "not_a_start",
                element,
                "a service task with the handler start_procedure says what it starts",
                "发起流程须由 start_procedure 服务任务写明 starts",
            )
        if link is None:
            continue
        if link.procedure not in there:
            text = f"no procedure {link.procedure}"
            yield problem("no_such_procedure", element, text, f"没有流程 {link.procedure}")
            continue
        slug = there[link.procedure]
        start = pack.of("procedure")[slug].get("start") or {}
        if WORKER not in (start.get("systems") or ()):
            yield problem(
                "not_for_machines",
                element,
                f"{slug} does not let {WORKER} begin it: say so under start.systems",
                f"{slug} 未在 start.systems 中写明 {WORKER} 可以发起",
            )
        given = link.values.keys() | ({link.key} if link.key else set())
        form = pack.of("form").get(f"{slug}/{start.get('form')}", {})
        if link.key and link.key not in built.names:
            yield problem(
                "no_variable",
                element,
                f"{link.key} is no open variable",
                f"没有公开变量 {link.key}",
            )
        fields, required = form.get("properties", {}), form.get("required", ())
        for name in sorted(given - fields.keys()):
            text = f"{slug} has no field {name}"
            yield problem("no_field", element, text, f"{slug} 的发起表单没有字段 {name}")
        for name in sorted(set(required) - given):
            text = f"{slug} needs the field {name}"
            yield problem("field_missing", element, text, f"缺少 {slug} 的必填字段 {name}")


def check_messages(file: SourceFile, built: Deployment, pack: Parsed) -> Iterator[Problem]:
    """A declared message stands in the diagram, its key and what it carries are open variables, and
    whatever a case waits for can come: from another case, or by somebody who may bring it.
    """

    def problem(code: str, name: str, en: str, zh: str) -> Problem:
        return Problem(file.path, 0, code, f"{name}: {en}", f"{name}:{zh}", name)

    posts = pack.posts
    thrown, awaited = _drawn(built)
    for name in sorted(awaited - built.procedure.messages.keys()):
        yield problem(
            "process.nobody_delivers",
            name,
            "waited for, but nobody may bring it: say so under messages",
            "流程等待该消息，但未在 messages 中写明由谁送达",
        )
    for name, message in built.procedure.messages.items():
        if name not in thrown | awaited:
            yield problem(
                "process.no_message", name, "no element throws or awaits it", "流程图中没有该消息"
            )
        for post in message.posts:
            if posts and post not in posts:
                yield problem("process.no_such_post", name, f"no post {post}", f"没有岗位 {post}")
        for variable in (*([message.key] if message.key else ()), *message.carries):
            if variable not in built.names:
                yield problem(
                    "process.no_variable",
                    name,
                    f"{variable} is no open variable",
                    f"没有公开变量 {variable}",
                )
        for code, en, zh in _wrong_with_form(name, message, built):
            yield problem(f"process.{code}", name, en, zh)


def _wrong_with_form(
    name: str, message: Message, built: Deployment
) -> Iterator[tuple[str, str, str]]:
    """(code, English, Chinese): what people bring is typed into a form of just what it carries."""
    asked = any(
        element in stage.asks
        for stage in built.procedure.stages
        for element, node in built.program.nodes.items()
        for event in node.events
        if event.kind == "message" and event.name == name
    )
    if message.form is None:
        if message.carries and (message.posts or asked):
            yield "no_form_to_bring", "people bring it: it needs a form", "由人员送达，须有表单"
        return
    form = built.forms[message.form]
    if form.open_fields - set(message.carries) or set(message.carries) - form.open_fields:
        yield (
            "form_differs",
            "its form asks for more or less than it carries",
            "表单与携带内容不一致",
        )
    elif form.properties.keys() - form.open_fields:
        yield "form_sealed", "its form seals a field", "表单不得含加密字段"


def _drawn(built: Deployment) -> tuple[frozenset[str], frozenset[str]]:
    """Names of the messages that the diagram throws, and of those it waits for."""
    found: tuple[set[str], set[str]] = (set(), set())
    for node in built.program.nodes.values():
        for event in node.events:
            if event.kind == "message" and event.name:
                found[node.kind not in ("throw", "send", "end")].add(event.name)
    return frozenset(found[0]), frozenset(found[1])


def check_letters(file: SourceFile, built: Deployment, pack: Parsed) -> Iterator[Problem]:
    """A step's letter is in the standard; whoever notifies has one, and so has what a clock awaits."""

    def problem(code: str, name: str, en: str, zh: str) -> Problem:
        return Problem(file.path, 0, code, f"{name}: {en}", f"{name}:{zh}", name)

    steps = built.procedure.steps
    with_letter = {element for element, step in steps.items() if step.letter}
    for element in sorted(with_letter):
        letter = steps[element].letter
        node = built.program.nodes.get(element)
        if letter and letter.id not in pack.of("letter"):
            yield problem(
                "process.no_letter", element, f"no letter {letter.id}", f"没有函件 {letter.id}"
            )
        if node and node.kind not in ("user", "service"):
            yield problem(
                "process.no_step_for_letter",
                element,
                "only a task sends a letter",
                "只有任务环节可以发出函件",
            )
    for element, node in built.program.nodes.items():
        handler = node.detail or (steps[element].service_handler if element in steps else None)
        if node.kind == "service" and handler == "notify" and element not in with_letter:
            yield problem(
                "process.letter_missing", element, "notifies without a letter", "告知环节缺少函件"
            )
    for clock in built.clocks:
        for trigger in (clock.starts, clock.stops):
            if trigger.kind != "delivered":
                continue
            for element in sorted(set(trigger.elements) - with_letter):
                yield problem(
                    "process.letter_missing",
                    clock.id,
                    f"awaits a letter of {element}, which has none",
                    f"等待环节 {element} 的函件送达，但该环节没有函件",
                )


def check_limits(file: SourceFile, built: Deployment, pack: Parsed) -> Iterator[Problem]:
    """What cases take up is in the standard, at steps that can be refused, in the limit's currency."""
    for item in built.procedure.limits:
        raw = pack.of("limit").get(item.limit)
        wrong = (
            [("no_limit", "is not in the standard", "限额不存在")]
            if raw is None
            else _wrong_with(item, read_limit(item.limit, raw), built)
        )
        for code, en, zh in wrong:
            text_en, text_zh = f"limit {item.limit}: {en}", f"限额 {item.limit}：{zh}"
            yield Problem(file.path, 0, f"process.{code}", text_en, text_zh, item.limit)


def _wrong_with(
    item: LimitUse, limit: LimitDefinition, built: Deployment
) -> Iterator[tuple[str, str, str]]:
    """(code, English, Chinese) of everything that one use of a limit breaks."""
    nodes = built.program.nodes
    for element in (*item.reserve, *item.use, *item.release):
        if element not in nodes:
            yield "no_element", f"no element {element}", f"流程图中没有环节 {element}"
        elif element in item.reserve and nodes[element].kind != "user":
            yield "not_a_task", f"{element} is no person's step", f"{element} 不是人工环节"
        elif element in item.use and nodes[element].kind not in ("user", "service"):
            yield "not_a_task", f"{element} is no task", f"{element} 不是任务环节"
    if limit.scope == "product" and item.subject is None:
        yield "no_subject", "says nothing of the product", "没有说明是哪一产品"
    if limit.scope == "customer" and item.subject is None and not built.procedure.start.customer:
        yield "no_subject", "the case has no customer", "该流程的业务不涉及客户"
    for form in built.forms.values():
        other = (form.properties.get(item.amount) or {}).get("x-currency")
        if other and other != limit.currency:
            yield (
                "other_currency",
                f"{item.amount} is in {other}",
                f"{item.amount} 的币种是 {other}",
            )
