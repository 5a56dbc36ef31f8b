"""What is wrong with a value, in both languages; the value itself is never repeated, it may be sealed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from touchstone.kernel.forms.fields import Field
from touchstone.kernel.text import Text

REQUIRED = Text("必填", "is required")
NO_SUCH_FIELD = Text("没有这个字段", "there is no such field")
NOT_SHOWN = Text("此处不适用，须留空", "does not apply here and stays empty")
READ_ONLY = Text("只供查看，不能填写", "is shown only and cannot be filled in")
WHOLE = Text("须为整数", "a whole number")
NUMBER = Text("须为数字", "a number")
DATE = Text("须为日期（年-月-日）", "a date (YYYY-MM-DD)")
DATE_TIME = Text("须为日期和时间", "a date and time")
YES_OR_NO = Text("须为是或否", "yes or no")
ONE_VALUE = Text("只能填写一项", "takes one value only")
ONE_LINE = Text("须写在一行内", "has to stand on one line")
CONTROL_CHARACTERS = Text("含有不可见的控制字符", "holds invisible control characters")
NO_FILE = Text("须先上传文件", "upload the file first")
OTHER = Text("填写不符合要求", "not in the required form")
TOO_MANY_ROWS = Text("行数过多", "too many rows")
PLACES = Text("最多 {places} 位小数", "at most {places} decimal places")
_TYPES = {
    "string": ("文字", "text"),
    "integer": ("整数", "a whole number"),
    "number": ("数字", "a number"),
    "boolean": ("是或否", "yes or no"),
    "array": ("列表", "a list"),
    "object": ("一组字段", "a group of fields"),
}
_FORMATS = {"date": DATE, "date-time": DATE_TIME, "time": Text("须为时间", "a time")}
LIMITS = {
    "minimum": Text("不得小于 {limit}", "not less than {limit}"),
    "maximum": Text("不得大于 {limit}", "not more than {limit}"),
    "exclusiveMinimum": Text("必须大于 {limit}", "more than {limit}"),
    "exclusiveMaximum": Text("必须小于 {limit}", "less than {limit}"),
    "minLength": Text("不得少于 {limit} 个字", "at least {limit} characters"),
    "maxLength": Text("不得超过 {limit} 个字", "at most {limit} characters"),
    "minItems": Text("不得少于 {limit} 项", "at least {limit} items"),
    "maxItems": Text("不得超过 {limit} 项", "at most {limit} items"),
}


def one_of(field: Field | None, options: Any) -> Text:
    """That the value is none of the options."""
    labels = [field.label_of(item) if field else Text(str(item), str(item)) for item in options]
    zh, en = ", ".join(item.zh for item in labels), ", ".join(item.en for item in labels)
    return Text(f"须为下列之一：{zh}", f"one of {en}")


def wording(rule: str, said: Mapping[str, Any], field: Field | None) -> Text:
    """What a rule of the schema asks for."""
    if rule in LIMITS:
        return LIMITS[rule].format(limit=said["limit"])
    if rule == "required":
        return REQUIRED
    if rule == "additionalProperties":
        return NO_SUCH_FIELD
    if rule == "enum":
        return one_of(field, said["options"])
    if rule == "type":
        if field is not None and field.kind in ("money", "decimal"):
            return NUMBER
        known = [_TYPES[name] for name in said["types"] if name in _TYPES]
        zh, en = "或".join(item[0] for item in known), " or ".join(item[1] for item in known)
        return Text(f"须为{zh}", en)
    if rule == "format" and said["format"] in _FORMATS:
        return _FORMATS[said["format"]]
    return OTHER
