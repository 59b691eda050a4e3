"""Alerts by mail: to the owner of the demo, and to the operators."""

import hashlib
import logging
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from provisioning_assets import clock
from provisioning_assets.lifecycle.alerts.alert_text import fields, subject
from provisioning_assets.lifecycle.alerts.channels.channel import SECONDS_A_CALL, DeliveryError, within_seconds
from provisioning_assets.lifecycle.alerts.models import Alert
from provisioning_assets.mail_address import is_mail_address
from provisioning_assets.settings import is_this_machine

_LOG = logging.getLogger(__name__)
DEFAULT_PORTS = {"smtps": 465, "smtp": 587}  # of submission: RFC 8314


class MailChannel:
    """A mail server.

    Args:
        server: ``smtps://user:password@host:port``, or ``smtp://`` for a server with STARTTLS; on this machine, without TLS.
        sender: mail address that alerts come from.
        operators: mail addresses, separated by commas, that get a copy of every alert; may be empty.
    """

    name = "mail"

    def __init__(self, server: SecretStr, sender: str, operators: str) -> None:
        self._server = server
        self._sender = sender
        self._operators = [address for address in operators.split(",") if address]

    def recipient(self, alert: Alert) -> str | None:
        """Return the owner's address; without a usable one, the operators'."""
        if is_mail_address(alert.owner):
            return alert.owner
        return ",".join(self._operators) or None

    def send(self, recipient: str, alerts: Sequence[Alert]) -> None:
        """Send one mail.

        Raises:
            DeliveryError: the server did not take it for any of the recipients.
        """
        message = mail_of(alerts, self._sender, recipient)
        recipients = list(dict.fromkeys([*recipient.split(","), *self._operators]))
        within_seconds(SECONDS_A_CALL, lambda: self._hand_over(message, recipients))

    def _hand_over(self, message: EmailMessage, recipients: list[str]) -> None:
        parts = urlsplit(self._server.get_secret_value())
        host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
        # Answers of the server are not repeated: they are not trusted, and some servers quote what they were sent.
        try:
            tls = ssl.create_default_context()
            if parts.scheme == "smtps":
                server = smtplib.SMTP_SSL(host, port, timeout=SECONDS_A_CALL, context=tls)
            else:
                server = smtplib.SMTP(host, port, timeout=SECONDS_A_CALL)
            with server:
                if parts.scheme == "smtp" and not is_this_machine(host):
                    server.starttls(context=tls)
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                refused = server.send_message(message, from_addr=self._sender, to_addrs=recipients)
                for address, (code, _) in refused.items():
                    _LOG.warning("The mail server refused %s (%s); others got the mail.", address, code)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            # 4xx: the server asks to try again later (RFC 5321, 4.2.1).
            raise DeliveryError(
                f"the server refused every recipient ({', '.join(map(str, codes))})",
                refused=all(code >= 500 for code in codes),
            ) from None
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryError(f"the server refused user name or password ({error.smtp_code})") from None
        except smtplib.SMTPDataError as error:
            raise DeliveryError(
                f"the server refused the mail ({error.smtp_code})", refused=error.smtp_code >= 500
            ) from None
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"the server answered {error.smtp_code}") from None
        except smtplib.SMTPNotSupportedError:
            raise DeliveryError("the server offers no STARTTLS, or no login: use smtps://") from None
        except ssl.SSLError as error:
            raise DeliveryError(f"there was no encrypted connection to the server ({error.reason})") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"the server could not be reached ({type(error).__name__})") from None


def mail_of(alerts: Sequence[Alert], sender: str, recipient: str) -> EmailMessage:
    """Return the mail with some alerts, as plain text.

    Its id is made of what it says and to whom: sent a second time, mail programs show it once.
    """
    mail = EmailMessage()
    mail["Subject"] = subject(alerts)
    mail["From"] = sender
    mail["To"] = ", ".join(recipient.split(","))
    mail["Date"] = format_datetime(clock.now())
    content = hashlib.sha256("\n".join([recipient, *(alert.id for alert in alerts)]).encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{content}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer from vacation programs
    blocks = [
        "\n".join([str(alert.kind).capitalize(), *(f"  {label}: {text}" for label, text in fields(alert))])
        for alert in alerts
    ]
    mail.set_content("\n\n".join(blocks) + "\n")
    return mail
