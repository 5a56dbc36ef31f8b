"""What a customer's record holds, and which of it is sealed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from touchstone.kernel.forms import Form
from touchstone.kernel.refusal import refuse

_PROPERTIES: dict[str, dict[str, Any]] = {
    "risk_grade": {
        "type": "string",
        "enum": ["low", "medium", "high"],
        "x-labels": {
            "low": {"zh": "低", "en": "Low"},
            "medium": {"zh": "中", "en": "Medium"},
            "high": {"zh": "高", "en": "High"},
        },
        "x-title": {"zh": "风险等级", "en": "Risk grade"},
    },
    "segment": {
        "type": "string",
        "x-open": True,
        "minLength": 1,
        "maxLength": 40,
        "x-title": {"zh": "客群", "en": "Segment"},
    },
    "is_vulnerable": {
        "type": "boolean",
        "x-title": {"zh": "特殊群体", "en": "Vulnerable customer"},
    },
    "name": {
        "type": "string",
        "minLength": 1,
        "maxLength": 120,
        "x-title": {"zh": "名称", "en": "Name"},
    },
    "identity_number": {
        "type": "string",
        "pattern": "^[0-9A-Z]{6,30}$",
        "x-title": {"zh": "证件号码", "en": "Identity number"},
    },
    "telephone": {
        "type": "string",
        "pattern": "^[0-9+ -]{5,24}$",
        "x-title": {"zh": "联系电话", "en": "Telephone"},
    },
    "address": {"type": "string", "maxLength": 300, "x-title": {"zh": "地址", "en": "Address"}},
}
_KIND = {
    "type": "string",
    "enum": ["personal", "corporate"],
    "x-labels": {
        "personal": {"zh": "个人", "en": "Personal"},
        "corporate": {"zh": "单位", "en": "Corporate"},
    },
    "x-title": {"zh": "客户类别", "en": "Kind of customer"},
}


def _schema(properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": dict(properties),
    }


REGISTRATION = Form(
    "customer",
    _schema({"kind": _KIND, **_PROPERTIES}, ["kind", "risk_grade", "name", "identity_number"]),
)
CHANGE = Form("customer_change", _schema(_PROPERTIES, []))


def checked(form: Form, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """``values`` as (open, sealed), identity number and telephone in their one spelling.

    Raises:
        Refusal: ``records.customer_invalid``.
    """
    plain = dict(values)
    if isinstance(plain.get("identity_number"), str):
        plain["identity_number"] = spelled(plain["identity_number"])
    if isinstance(plain.get("telephone"), str):
        plain["telephone"] = dialled(plain["telephone"])
    faults = form.faults(plain)
    if faults is not None:
        raise refuse(
            "records.customer_invalid",
            f"客户信息未通过校验：{faults.zh}",
            f"The customer's data are not valid: {faults.en}",
            remedy_zh="请按提示改正后重新提交",
            remedy_en="Correct the fields named and submit again",
        )
    return form.split(plain)


def spelled(identity_number: str) -> str:
    """An identity number without spaces and in capitals, as it is stored and looked up."""
    return "".join(identity_number.split()).upper()


def dialled(telephone: str) -> str:
    """A telephone number as it is stored and looked up: digits, with a plus where it has one."""
    return "".join(telephone.split()).replace("-", "").removeprefix("+86")
