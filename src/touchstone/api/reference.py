"""The document, and the same as a page for people: rendered on the server, with our own styles."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from touchstone.api.build import document
from touchstone.identity.tokens import SCOPES
from touchstone.kernel.text import Text

_AREAS = {
    "cases": Text("业务", "Cases"),
    "tasks": Text("任务", "Tasks"),
    "people": Text("人员", "People"),
    "limits": Text("限额", "Limits"),
    "indicators": Text("指标", "Indicators"),
    "standard": Text("标准", "The standard"),
    "journal": Text("日志", "Journal"),
    "webhooks": Text("事件订阅", "Webhooks"),
    "receipts": Text("送达回执", "Delivery receipts"),
}

# What the endpoints are called in Chinese; the document itself is English, as its readers' tools are.
TITLES = {
    "cases_list_cases": "查询业务列表（本人可见范围，新的在前）",
    "cases_start": "发起业务（同一幂等键只发起一笔）",
    "filling_hand_in_at_start": "为拟发起的业务上传文件（按内容识别类型，加密保存）",
    "cases_withdraw": "撤回业务并说明理由",
    "bringing_awaits": "查看业务在等待什么、本人可以送达什么",
    "bringing_bring": "送达业务所等待的消息（客户已答复、材料已收到等），业务继续办理",
    "bringing_hand_in": "为拟送达的消息上传文件",
    "cases_one": "查看一笔业务：进展、环节与已提交内容，密封内容不显示",
    "cases_timeline": "查看业务时间线，每条注明在日志中的位置",
    "cases_clocks": "查看业务时限，并说明期限如何得出",
    "cases_evidence": "查看业务证据清单（文件摘要）",
    "tasks_mine": "查询本人待办，最先到期的在前",
    "tasks_claim": "领取任务",
    "tasks_release": "退回待办池",
    "tasks_complete": "办结任务（按表单填写，控制点照常判断）",
    "tasks_send_back": "退回前序环节并说明理由",
    "handing_on_delegate": "委派：由他人办理，交回后由委派人办结",
    "handing_on_transfer": "转办：移交给有权岗位的人员",
    "handing_on_resolve": "受委派人办理后交回并说明情况",
    "handing_on_recall": "委派人收回尚未交回的任务",
    "handing_on_add_signer": "加签",
    "handing_on_remove_signer": "减签（未签署者）",
    "handing_on_take_back": "撤回本人办结且后续尚未办理的任务",
    "filling_hand_in": "为任务上传文件（按内容识别类型，加密保存）",
    "filling_draft": "查看本人在该任务的草稿",
    "filling_keep_draft": "保存草稿（以版本号防止互相覆盖）",
    "filling_drop_draft": "删除本人草稿",
    "people_deputies": "查看某人的代理人",
    "people_name": "指定代理人及起止日期",
    "people_end": "提前终止代理",
    "limits_taken_by_customer": "查询客户当日各项限额的占用与余额",
    "indicators_measured": "查询已测算的指标，无数据即显示无数据",
    "standard_all_clauses": "查询条款",
    "standard_one_clause": "查看一条条款",
    "standard_all_parameters": "查询参数现值及其条款依据",
    "standard_all_traces": "查询条款追溯：控制、时限、指标、证据与缺口",
    "standard_all_procedures": "查询流程",
    "standard_one_procedure": "查看一个流程及其环节与发起表单",
    "journal_events": "查询日志事件，新的在前",
    "journal_event": "查看一条事件及其哈希凭据",
    "webhooks_every": "查询事件订阅",
    "webhooks_add": "订阅事件（签名密钥仅显示一次）",
    "webhooks_end": "终止订阅",
    "receipts_take": "消息网关回报送达结果（须签名）",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an endpoint."""

    name: str
    place: str
    kind: str
    is_required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint as the page shows it."""

    id: str
    method: str
    path: str
    title: Text
    text: str
    scope: str
    parameters: tuple[Parameter, ...]
    body: str
    answer: str


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The reference page."""
    made = document()
    by_area: dict[str, list[Endpoint]] = {name: [] for name in _AREAS}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            by_area[operation["tags"][0]].append(_endpoint(made, path, method, operation))
    page = {
        "areas": [(name, _AREAS[name], endpoints) for name, endpoints in by_area.items()],
        "scopes": list(SCOPES.items()),
        "version": made["info"]["version"],
    }
    return render(request, "api/docs.html", page)


def _endpoint(made: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Endpoint:
    answered = next(
        value for status, value in operation["responses"].items() if str(status).startswith("2")
    )
    return Endpoint(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        title=Text(TITLES[operation["operationId"]], operation["summary"]),
        text=operation["description"],
        scope=operation.get("x-scope", ""),
        parameters=tuple(
            Parameter(
                item["name"],
                item["in"],
                _kind(item["schema"]),
                bool(item.get("required")),
                item.get("description") or item["schema"].get("description", ""),
            )
            for item in operation.get("parameters", ())
        ),
        body=_shape(made, operation.get("requestBody", {})),
        answer=_shape(made, answered),
    )


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(item) for item in schema["enum"])
    return str(schema.get("format") or schema.get("type", ""))


def _shape(made: dict[str, Any], holder: dict[str, Any]) -> str:
    """A schema as an outline: names and kinds, two levels deep."""
    content = holder.get("content", {})
    kind = next((name for name in content if not name.startswith("application/problem")), "")
    schema = content.get(kind, {}).get("schema")
    if not schema:
        return ""
    return json.dumps(_outline(made, schema, 0), ensure_ascii=False, indent=2)


def _outline(made: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    if "$ref" in schema:
        return _outline(made, made["components"]["schemas"][schema["$ref"].split("/")[-1]], depth)
    if "anyOf" in schema:
        kinds = [_outline(made, item, depth) for item in schema["anyOf"]]
        real = [item for item in kinds if item != "null"]
        return f"{real[0]}?" if len(real) == 1 and isinstance(real[0], str) else real[0]
    if schema.get("type") == "array":
        return [_outline(made, schema.get("items", {}), depth)]
    if schema.get("properties"):
        if depth > 3:
            return "…"
        return {
            name: _outline(made, item, depth + 1) for name, item in schema["properties"].items()
        }
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " | ".join(str(item) for item in schema["enum"][:4])
    return str(schema.get("format") or schema.get("type") or "any")
