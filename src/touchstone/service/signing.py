"""Signed requests between systems, by the Standard Webhooks scheme: id, timestamp, HMAC-SHA256. Pure.

The signature covers ``id.timestamp.body``, so none of the three can be changed and an old request
cannot be sent again under a new time.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
from collections.abc import Mapping
from hashlib import sha256

from touchstone.kernel.refusal import Refusal, refuse

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = dt.timedelta(minutes=5)
_PREFIX = "whsec_"
_LEAST_BYTES = 24


def secret_of(key: bytes) -> str:
    """A secret as it is handed to the other side."""
    return _PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The key of a secret, ``whsec_`` and base64 or plain text.

    Raises:
        Refusal: ``service.weak_secret``.
    """
    try:
        key = (
            base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
            if secret.startswith(_PREFIX)
            else secret.encode()
        )
    except binascii.Error:
        key = b""
    if len(key) < _LEAST_BYTES:
        raise refuse(
            "service.weak_secret",
            f"签名密钥至少需要 {_LEAST_BYTES} 字节",
            f"A signing secret has at least {_LEAST_BYTES} bytes",
        )
    return key


def signed_headers(key: bytes, identity: str, body: bytes, at: dt.datetime) -> dict[str, str]:
    """The headers that sign ``body`` as sent at ``at``."""
    timestamp = str(int(at.timestamp()))
    return {
        ID: identity,
        TIMESTAMP: timestamp,
        SIGNATURE: f"v1,{_signature(key, identity, timestamp, body)}",
    }


def verify(key: bytes, headers: Mapping[str, str], body: bytes, now: dt.datetime) -> str:
    """The id of a request that is signed with ``key`` and not old; the caller takes an id once.

    Raises:
        Refusal: ``service.not_signed``, ``service.wrong_time``, ``service.wrong_signature``.
    """
    found = {name.lower(): value for name, value in headers.items()}
    identity, timestamp, signatures = (found.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (identity and timestamp and signatures) or len(identity) > 200:
        raise refuse("service.not_signed", "请求没有签名", "The request is not signed")
    if not _is_recent(timestamp, now):
        raise refuse(
            "service.wrong_time",
            "请求时间戳超出允许范围",
            "The request's timestamp is too far from now",
            remedy_zh="请校准时钟后重新签名发送",
            remedy_en="Set your clock, sign again and send",
        )
    wanted = _signature(key, identity, timestamp, body).encode()
    given = (item.partition(",") for item in signatures.split(" ")[:10])
    matches = [
        hmac.compare_digest(value.encode(), wanted)
        for version, _, value in given
        if version == "v1"
    ]
    if not any(matches):
        raise _wrong_signature()
    return identity


def _wrong_signature() -> Refusal:
    return refuse("service.wrong_signature", "签名不符", "The signature does not match")


def _is_recent(timestamp: str, now: dt.datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 12:
        return False
    return abs(now.timestamp() - int(timestamp)) <= TOLERANCE.total_seconds()


def _signature(key: bytes, identity: str, timestamp: str, body: bytes) -> str:
    content = b".".join((identity.encode(), timestamp.encode(), body))
    return base64.b64encode(hmac.new(key, content, sha256).digest()).decode()
