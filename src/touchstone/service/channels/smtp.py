"""Mail through the institution's own server, over TLS.

A server that takes a mail over has not delivered it: only mail for the server's own domains counts
as delivered then. For others a delivery status is asked for where the server can (RFC 3461), and
whoever reads those mails reports by a signed receipt.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from django.conf import settings

from touchstone.kernel.time import INSTITUTION_ZONE
from touchstone.service.ports import Accepted, Outgoing, SendingFailed

_TIMEOUT_SECONDS = 20


class SmtpChannel:
    """The mail server of the settings."""

    is_repeatable = False

    @property
    def is_ready(self) -> bool:
        """Whether a server and a sender are configured."""
        return bool(_chosen()["host"] and _chosen()["sender"])

    def send(self, outgoing: Outgoing) -> Accepted:
        """Send one mail.

        Raises:
            SendingFailed: the server did not take it over, or may not have.
        """
        mail = _mail(outgoing)
        try:
            server = _connection()
            try:
                _envelope(server, outgoing)
                _data(server, mail)
            finally:
                _part(server)
        except smtplib.SMTPRecipientsRefused as error:
            raise _answered(next(iter(error.recipients.values()))[0]) from None
        except smtplib.SMTPResponseException as error:
            raise _answered(error.smtp_code) from None
        except smtplib.SMTPNotSupportedError:
            raise SendingFailed("service.smtp_without_tls", is_final=True) from None
        except ssl.SSLCertVerificationError:
            raise SendingFailed("service.smtp_untrusted") from None
        except (OSError, smtplib.SMTPException):
            raise SendingFailed("service.unreachable") from None
        domain = outgoing.address.rpartition("@")[2].lower()
        return Accepted(is_delivered=domain in _chosen()["own_domains"])


def _chosen() -> Mapping[str, Any]:
    found: Mapping[str, Any] = settings.SMTP
    return found


def _mail(outgoing: Outgoing) -> bytes:
    mail = EmailMessage()
    mail["From"] = _chosen()["sender"]
    mail["To"] = outgoing.address
    mail["Subject"] = outgoing.subject
    mail["Date"] = format_datetime(outgoing.at.astimezone(INSTITUTION_ZONE))
    domain = _chosen()["sender"].rpartition("@")[2].rstrip(">")
    mail["Message-ID"] = f"<{outgoing.message}@{domain}>"
    mail["Content-Language"] = outgoing.language
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(outgoing.body, cte="base64")
    return mail.as_bytes(policy=SMTP)


def _connection() -> smtplib.SMTP:
    chosen = _chosen()
    trusted = ssl.create_default_context()
    if chosen["authorities"]:
        trusted.load_verify_locations(chosen["authorities"])
    server: smtplib.SMTP
    if chosen["security"] == "tls":
        server = smtplib.SMTP_SSL(
            chosen["host"], chosen["port"], timeout=_TIMEOUT_SECONDS, context=trusted
        )
    else:
        server = smtplib.SMTP(chosen["host"], chosen["port"], timeout=_TIMEOUT_SECONDS)
    try:
        if chosen["security"] == "starttls":
            server.starttls(context=trusted)
        if chosen["user"]:
            server.login(chosen["user"], chosen["password"])
    except BaseException:
        server.close()
        raise
    return server


def _envelope(server: smtplib.SMTP, outgoing: Outgoing) -> None:
    server.ehlo_or_helo_if_needed()
    reports = server.has_extn("dsn")
    options = ("RET=HDRS", f"ENVID={outgoing.message}") if reports else ()
    sender = _chosen()["sender"].rpartition("<")[2].rstrip(">")
    code, text = server.mail(sender, options)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, text, sender)
    code, text = server.rcpt(outgoing.address, ("NOTIFY=SUCCESS,FAILURE",) if reports else ())
    if code not in (250, 251):
        raise smtplib.SMTPRecipientsRefused({outgoing.address: (code, text)})


def _data(server: smtplib.SMTP, mail: bytes) -> None:
    try:
        code, text = server.data(mail)
    except smtplib.SMTPResponseException:
        raise
    except (OSError, smtplib.SMTPException):
        # The text was on its way: whether the server has it is not known.
        raise SendingFailed("service.no_answer", is_uncertain=True) from None
    if code != 250:
        raise smtplib.SMTPDataError(code, text)


def _part(server: smtplib.SMTP) -> None:
    """Say goodbye; what the server has taken over it has, however it answers."""
    with suppress(OSError, smtplib.SMTPException):
        server.quit()
    server.close()


def _answered(code: int) -> SendingFailed:
    return SendingFailed(f"service.smtp_{code}", is_final=500 <= code < 600)
