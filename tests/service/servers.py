"""Real servers on this machine for tests: one that takes mail over TLS, one that takes signed POSTs."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from touchstone.kernel.time import SystemClock


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private


@dataclass
class MailServer:
    """What a mail server took over, and how it answers: to the reader's name, to the text."""

    port: int = 0
    mails: list[Any] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    to_reader: str = "250 OK"
    to_text: str = "250 OK"

    async def handle_RCPT(  # noqa: N802 - the server's own word
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.to_reader.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_reader

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.to_text == "hang up":
            self.mails.append(envelope.content)
            server.transport.abort()
            return "250 OK"
        if self.to_text.startswith("250"):
            self.mails.append(envelope.content)
            self.secured.append(session.ssl is not None)
        return self.to_text


@contextmanager
def mail_server(folder: Path) -> Iterator[MailServer]:
    """A mail server that wants STARTTLS; its certificate is ``certificate.pem`` in ``folder``."""
    public, private = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found = MailServer(port=probe.getsockname()[1])
    controller = Controller(
        found, hostname="127.0.0.1", port=found.port, tls_context=context, require_starttls=True
    )
    controller.start()
    try:
        yield found
    finally:
        controller.stop()


@dataclass
class Gateway:
    """What was posted, and with which status each post is answered; the last one goes on."""

    url: str = ""
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=lambda: [202])
    answer: bytes = b'{"reference": "G-1"}'
    location: str = ""


@contextmanager
def gateway() -> Iterator[Gateway]:
    """A server that takes POSTs."""
    found = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.received.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status = found.statuses.pop(0) if len(found.statuses) > 1 else found.statuses[0]
            self.send_response(status)
            if found.location:
                self.send_header("location", found.location)
            self.send_header("content-length", str(len(found.answer)))
            self.end_headers()
            self.wfile.write(found.answer)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_address[1]}/messages?from=bank"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
