"""One POST to another system that goes where it was meant to and nowhere else.

The name is resolved once, the address is judged, and the connection goes to that very address, so a
name that changes its mind between the two reaches nothing. Redirects are answers, not invitations.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from touchstone.kernel.refusal import refuse

TIMEOUT_SECONDS = 10.0
_MOST_ANSWER_BYTES = 64 * 1024


class NotPosted(Exception):
    """The other side gave no answer.

    Attributes:
        code: ``service.unreachable``, ``service.no_answer`` or ``service.private_address``.
        is_uncertain: the request may have arrived all the same.
    """

    def __init__(self, code: str, *, is_uncertain: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_uncertain = is_uncertain


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    body: bytes


def checked_url(url: str, *, to_private: bool) -> SplitResult:
    """``url`` in its parts.

    Raises:
        Refusal: ``service.bad_url``, ``service.private_address``.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username is not None
        or port == 0
        or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url)
        or len(url) > 2000
    ):
        raise refuse(
            "service.bad_url",
            "地址须以 http:// 或 https:// 开头且不含用户名",
            "An address begins with http:// or https:// and holds no user name",
        )
    if not to_private and _is_certainly_private(parts.hostname):
        raise refuse(
            "service.private_address",
            "不得使用内网或本机地址",
            "Addresses of a private network or of this machine are not allowed",
            remedy_zh="确需使用内网地址的，由运维人员在设置中放开",
            remedy_en="Where it must be, the operator allows it in the settings",
        )
    return parts


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    to_private: bool,
    authorities: str = "",
    timeout: float = TIMEOUT_SECONDS,
) -> Answer:
    """POST ``body``.

    Raises:
        Refusal: ``service.bad_url``, ``service.private_address``.
        NotPosted: nobody answered.
    """
    parts = checked_url(url, to_private=to_private)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _connect(host, port, to_private, timeout)
    try:
        if parts.scheme == "https":
            connection = _secured(connection, host, authorities)
        speaking = http.client.HTTPConnection(host, port, timeout=timeout)
        speaking.sock = connection
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            speaking.request(
                "POST",
                target,
                body,
                {"content-type": "application/json; charset=utf-8", **headers},
            )
            answer = speaking.getresponse()
            return Answer(answer.status, answer.read(_MOST_ANSWER_BYTES))
        except (OSError, http.client.HTTPException):
            raise NotPosted("service.no_answer", is_uncertain=True) from None
    finally:
        connection.close()


def _connect(host: str, port: int, to_private: bool, timeout: float) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotPosted("service.unreachable") from None
    addresses = [str(item[4][0]) for item in found]
    if not to_private and not all(_is_public(address) for address in addresses):
        raise NotPosted("service.private_address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=timeout)
        except OSError:
            continue
    raise NotPosted("service.unreachable")


def _secured(connection: socket.socket, host: str, authorities: str) -> ssl.SSLSocket:
    trusted = ssl.create_default_context()
    if authorities:
        trusted.load_verify_locations(authorities)
    try:
        return trusted.wrap_socket(connection, server_hostname=host)
    except OSError:
        connection.close()
        raise NotPosted("service.unreachable") from None


def _is_certainly_private(host: str) -> bool:
    """Whether the host is written so that it cannot be a public one, without asking anybody."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        # inet_aton also reads 127.1 and 0x7f000001, as the resolver would.
        address = host if ":" in host else socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return False
    return not _is_public(address)


def _is_public(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is not None:
            found = inner
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
