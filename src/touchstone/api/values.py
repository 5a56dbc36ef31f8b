"""What a caller hands in for a form: only what the form asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from touchstone.kernel.refusal import refuse

# What a step that is signed takes, where it has no form.
_OPINION = frozenset({"opinion"})


def refuse_unasked(form: str | None, values: Mapping[str, Any]) -> None:
    """A step without a form asks for nothing but an opinion: no values are slipped into a case.

    Raises:
        Refusal: ``process.form_invalid``.
    """
    if form is None and set(values) - _OPINION:
        raise refuse(
            "process.form_invalid",
            "该环节没有表单,不接收这些内容",
            "This step has no form and takes no such values",
        )
