"""The API put together: its areas, how refusals answer, and the document that describes it."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any, cast

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation
from ninja.renderers import BaseRenderer

from touchstone import __version__
from touchstone.api import (
    bringing,
    cases,
    filling,
    handing_on,
    indicators,
    journal,
    limits,
    people,
    receipts,
    standard,
    tasks,
    webhooks,
)
from touchstone.api.caller import not_found
from touchstone.api.problems import CONTENT_TYPE, bad_request, no_token, problem
from touchstone.api.shapes import Problem
from touchstone.kernel.refusal import Refusal

BASE = "/api/v1"


class _Readable(BaseRenderer):
    """JSON with Chinese left readable and instants to the microsecond."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """The answer's bytes."""
        return orjson.dumps(data)


class _Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        """``cases_one``: the area and what it does."""
        view = operation.view_func
        return f"{view.__module__.rpartition('.')[2]}_{view.__name__}"


api = _Api(
    title="Touchstone 试金石",
    version=__version__,
    description=(
        "The running standard for other systems. Send a personal access token as"
        " `Authorization: Bearer …`; it acts as its person, within his posts and its scopes."
    ),
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
    renderer=_Readable(),
)
for _path, _router in (
    ("/cases", filling.cases),
    ("/cases", cases.router),
    ("/cases", bringing.router),
    ("/tasks", tasks.router),
    ("/tasks", handing_on.router),
    ("/tasks", filling.tasks),
    ("/people", people.router),
    ("/customers", limits.router),
    ("/indicators", indicators.router),
    ("/standard", standard.router),
    ("/journal", journal.router),
    ("/webhooks", webhooks.router),
    ("/receipts", receipts.router),
):
    api.add_router(_path, _router)


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, error: Refusal) -> HttpResponse:
    return problem(request, error)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(request, no_token())


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, bad_request())


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = [[str(part) for part in item["loc"]] for item in error.errors]
    if any(place[0] == "path" for place in places):
        return problem(request, not_found())
    errors = [
        {"place": ".".join(place)[:200], "text": str(item["msg"])[:200]}
        for place, item in zip(places[:50], error.errors, strict=False)
    ]
    return problem(request, bad_request(), errors=errors)


_TEXTS = {
    400: "The request is not as described here",
    401: "No good token",
    403: "Neither the posts nor the token's scopes permit it",
    404: "There is none, or none that the person may know of",
    409: "Somebody else came first, or it does not stand so that this can be done",
    413: "Larger than allowed",
    415: "Not of the kind of content described",
    422: "The business refuses it",
    429: "Too many requests; see Retry-After",
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document: what ninja writes, with every problem and without ``null`` in addresses."""
    made = cast(dict[str, Any], deepcopy(dict(api.get_openapi_schema(path_prefix=BASE + "/"))))
    shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    made["components"]["schemas"]["Problem"] = shape
    made["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A personal access token"}
    }
    answers = {
        str(status): {
            "description": text,
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, text in _TEXTS.items()
    }
    for operation in (item for methods in made["paths"].values() for item in methods.values()):
        operation["responses"] = {**operation["responses"], **answers}
        if "x-scope" in operation:
            operation["security"] = [{"token": []}]
        _only_its_fields(operation, made["components"]["schemas"])
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _without_null(parameter["schema"])
    return made


def _only_its_fields(operation: dict[str, Any], shapes: dict[str, Any]) -> None:
    """A form with files takes exactly what it names, like every other body."""
    content = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
    if content:
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        (shapes[name] if name else content["schema"])["additionalProperties"] = False


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An address holds no null: what is left out is left out."""
    choices = schema.get("anyOf")
    if not choices:
        return schema
    real = [item for item in choices if item.get("type") != "null"]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return {**real[0], **rest} if len(real) == 1 else {**rest, "anyOf": real}
