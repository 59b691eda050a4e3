"""The text of one request: what is read, and what an untrusted text may not do."""

import pytest

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.requests.request_text import LONGEST_REQUEST, read_json, read_yaml


def test_yaml_and_json_say_the_same() -> None:
    fields = {"url": "https://www.acme.com", "seed": 7, "notes": "Grüße"}
    assert read_yaml("url: https://www.acme.com\nseed: 7\nnotes: Grüße\n".encode()) == fields
    assert read_json(b'{"url": "https://www.acme.com", "seed": 7, "notes": "Gr\\u00fc\\u00dfe"}') == fields
    assert read_yaml(b"\xef\xbb\xbfurl: acme.com") == {"url": "acme.com"}, "as Windows writes UTF-8"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not a mapping"),
        (b"- url: acme.com", "not a mapping"),
        (b"just words", "not a mapping"),
        (b"1: acme.com", "not a text"),
        (b"url: [", "not YAML"),
        (b"as_of: 2026-02-31", "not YAML"),
        (b"url: acme.com\n---\nurl: b.com", "not YAML"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"url: a.com\nurl: b.com", "twice"),
        (b"url: !!python/object/apply:os.system ['touch /tmp/planted']", "not YAML"),
        (BOMB.encode(), "alias"),
        (b"url: " + b"[" * 100_000, "too deep"),
        (b"url: " + b"{a: " * 50 + b"1" + b"}" * 50, "too deep"),
        (b"notes: " + b"x" * LONGEST_REQUEST, "bytes"),
    ],
)
def test_what_is_no_request_in_yaml_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(ProvisioningError, match=problem):
        read_yaml(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not JSON"),
        (b"[]", "not a mapping"),
        (b"url: acme.com", "not JSON"),
        (b'{"url": "a.com", "url": "b.com"}', "twice"),
        (b'{"seed": NaN}', "not JSON"),
        (b'{"seed": ' + b"9" * 10_000 + b"}", "not JSON"),
        (b'{"url": ' + b"[" * 100_000, "too deep"),
        (b'{"url": ' + b"[" * 30 + b"]" * 30 + b"}", "too deep"),
    ],
)
def test_what_is_no_request_in_json_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(ProvisioningError, match=problem):
        read_json(content)
