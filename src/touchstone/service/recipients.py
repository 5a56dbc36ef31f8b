"""Who a message is for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from touchstone.kernel.refusal import refuse

RecipientKind = Literal["customer", "person", "case", "post"]
_KINDS = frozenset({"customer", "person", "case", "post"})


@dataclass(frozen=True, slots=True)
class Recipient:
    """A reader.

    Attributes:
        kind: a customer, a person who works here, the unnamed other side of a case, or the vacant
            post (``post@unit``).
    """

    kind: RecipientKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Recipient:
        """Read ``kind:id``.

        Raises:
            Refusal: ``service.no_such_recipient``.
        """
        kind, _, identity = text.partition(":")
        if kind not in _KINDS or not identity:
            raise refuse(
                "service.no_such_recipient", f"没有收件人 {text}", f"There is no recipient {text}"
            )
        return cls(kind, identity)  # type: ignore[arg-type]
