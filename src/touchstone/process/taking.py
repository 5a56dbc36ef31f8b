"""What an act may hand in where there is no form: the variables that the procedure says, and no others.

Pure. Whatever a person, a foreign system or a program sends, nothing is slipped into a case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any

from touchstone.kernel.canonical import decimal_of
from touchstone.kernel.refusal import refuse

OPINION = "opinion"


def check_taken(
    values: Mapping[str, Any], taken: Collection[str], variables: Mapping[str, str]
) -> None:
    """Return when ``values`` are among those ``taken`` and of the kinds that ``variables`` declare.

    Raises:
        Refusal: ``process.values_not_taken``, ``process.form_invalid``.
    """
    strange = sorted(set(values) - set(taken))
    if strange:
        names = "、".join(strange[:5])
        raise refuse(
            "process.values_not_taken",
            f"此处不接收这些内容：{names}",
            f"These values are not taken here: {', '.join(strange[:5])}",
            remedy_zh="只提交流程所声明的变量",
            remedy_en="Send only the variables that the procedure declares",
        )
    for name, value in values.items():
        kind = "string" if name == OPINION else variables.get(name, "any")
        if value is not None and not _KINDS.get(kind, _anything)(value):
            raise refuse(
                "process.form_invalid",
                f"「{name}」的值类型不符，应为 {kind}",
                f"“{name}” is no {kind}",
            )


def _anything(value: Any) -> bool:
    return not isinstance(value, float)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | str) and decimal_of(value) is not None


def _reads(read: Callable[[str], object]) -> Callable[[Any], bool]:
    def is_one(value: Any) -> bool:
        try:
            return isinstance(value, str) and read(value) is not None
        except ValueError:
            return False

    return is_one


_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "date": _reads(dt.date.fromisoformat),
    "date and time": _reads(dt.datetime.fromisoformat),
    "list": lambda value: isinstance(value, list),
    "context": lambda value: isinstance(value, Mapping),
}
