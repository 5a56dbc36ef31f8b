"""A signed POST to the institution's gateway, which passes on to SMS, 企业微信 or 钉钉.

The gateway answers 2xx when it took the message over and later reports delivery by a signed receipt.
"""

from __future__ import annotations

import json

from django.conf import settings

from touchstone.kernel.refusal import Refusal
from touchstone.service.ports import Accepted, Outgoing, SendingFailed
from touchstone.service.posting import NotPosted, post
from touchstone.service.signing import key_of, signed_headers

_TRY_AGAIN = frozenset({408, 409, 423, 425, 429})


class HttpChannel:
    """The gateway of the settings; the message's id lets it drop a second copy."""

    is_repeatable = True

    @property
    def is_ready(self) -> bool:
        """Whether a gateway and its secret are configured."""
        return bool(settings.GATEWAY["url"] and settings.GATEWAY["secret"])

    def send(self, outgoing: Outgoing) -> Accepted:
        """POST the message, signed.

        Raises:
            SendingFailed: the gateway did not take it over.
        """
        data = {
            "type": "message",
            "message": outgoing.message,
            "to": outgoing.address,
            "subject": outgoing.subject,
            "text": outgoing.body,
            "language": outgoing.language,
        }
        body = json.dumps(data, ensure_ascii=False).encode()
        try:
            key = key_of(settings.GATEWAY["secret"])
            headers = signed_headers(key, outgoing.message, body, outgoing.at)
            answer = post(
                settings.GATEWAY["url"],
                body,
                headers,
                to_private=True,
                authorities=settings.GATEWAY["authorities"],
            )
        except Refusal as refusal:
            raise SendingFailed(refusal.code, is_final=True) from None
        except NotPosted as failure:
            raise SendingFailed(failure.code, is_uncertain=failure.is_uncertain) from None
        if 200 <= answer.status < 300:
            return Accepted(_reference(answer.body))
        is_final = answer.status < 500 and answer.status not in _TRY_AGAIN
        raise SendingFailed(f"service.http_{answer.status}", is_final=is_final)


def _reference(body: bytes) -> str | None:
    """The gateway's own id of the message, where it says one."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    reference = found.get("reference") if isinstance(found, dict) else None
    return reference[:200] if isinstance(reference, str) and reference else None
