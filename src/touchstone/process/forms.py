"""The forms of a procedure: those of the kernel, refused in the words of a step. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from touchstone.kernel.forms import Field, to_feel
from touchstone.kernel.forms import Form as KernelForm
from touchstone.kernel.refusal import Refusal, refuse


class Form(KernelForm):
    """A form of a procedure's step."""

    @cached_property
    def asks_for_files(self) -> bool:
        """Whether a field takes a file, be it in a group or a row."""
        return _takes_file(self.fields)

    def check(self, values: Mapping[str, Any]) -> Refusal | None:
        """Refuse values that the schema does not accept, naming every field at fault."""
        faults = self.faults(values)
        if faults is None:
            return None
        return refuse(
            "process.form_invalid",
            f"表单未通过校验：{faults.zh}",
            f"The form is not valid: {faults.en}",
            remedy_zh="请按提示改正后重新提交",
            remedy_en="Correct the fields named and submit again",
        )

    def as_feel(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as rules see them: money as numbers, dates as dates."""
        return {name: to_feel(self.properties.get(name), value) for name, value in values.items()}


def _takes_file(fields: Sequence[Field]) -> bool:
    return any(field.kind == "file" or _takes_file(field.fields) for field in fields)
