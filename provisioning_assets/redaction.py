"""Removes secrets from texts. Error messages of databases, stores and clients may quote an address with its password."""

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

HIDDEN = "***"
_SECRET_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|WEBHOOK|SMTP|OTLP_\w*HEADERS", re.IGNORECASE)
_SHORTEST_SECRET = 6
"""Characters. Shorter values ("1", "true") occur in ordinary words, and hiding them would make texts unreadable."""
_FORMS = (
    (re.compile(r"(?<=://)[^/\s@]+(?=@)"), HIDDEN),  # scheme://user:password@host
    (re.compile(r"(?i)\b(password|passwd|pwd|secret|token|api_key|access_token)=([^\s&;,'\"]+)"), rf"\1={HIDDEN}"),
    (re.compile(r"(?i)\bBearer\s+[^\s'\"]+"), f"Bearer {HIDDEN}"),
    (re.compile(r"\bya29\.[\w.-]+"), HIDDEN),  # an access token of Google
    (re.compile(r"\bsk-ant-[\w-]+"), HIDDEN),  # a key of Anthropic
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
)


def without_secrets(text: str, environment: Mapping[str, str]) -> str:
    """Return the text without values of environment variables that are named like secrets, and without known forms of secrets.

    Args:
        text: may quote anything.
        environment: variable -> value, as in ``os.environ``.
    """
    secrets = {part for name, value in environment.items() if _SECRET_NAMES.search(name) for part in _parts(value)}
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    for form, shown in _FORMS:
        text = form.sub(shown, text)
    return text


def _parts(value: str) -> set[str]:
    """Return a secret and, if it is an address, its password and its path: errors and logs of clients quote them alone."""
    try:
        address = urlsplit(value)
        password = address.password or ""
    except ValueError:
        return {value}
    return {value, password, unquote(password), *([address.path] if address.scheme and address.netloc else [])}
