"""The form of mail addresses."""

import re

#: Largest number of characters: that of a path in RFC 5321, without its two angle brackets.
LONGEST_MAIL_ADDRESS = 254
#: The part before the @ as people have it: RFC 5322's dot-atom, without its quoted forms.
MAIL_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


def is_mail_address(text: str) -> bool:
    """Return whether a mail can be sent there. A text that passes has no space, comma or end of line, so it fits into a header."""
    name, _, host = text.rpartition("@")
    return len(text) <= LONGEST_MAIL_ADDRESS and bool(MAIL_NAME.fullmatch(name)) and bool(_HOST.fullmatch(host))
