"""The key of a customer, and what may be asked for one."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.customers import (
    INDUSTRIES,
    LARGEST_SEED,
    CustomerRequest,
    DemoSize,
    build_request,
    checked_url,
    default_url,
    host_to_key,
    kept_for,
    naming_host,
    site_key,
    site_of_key,
)
from provisioning_assets.errors import ProvisioningError

TODAY = date(2026, 3, 1)

# Labels begin and end with a letter or digit and may hold any number of hyphens in between, as in DNS.
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?", fullmatch=True)
TOP = st.sampled_from(["com", "de", "co.uk", "xn--p1ai", "io"])
HOST = st.builds(lambda labels, top: ".".join([*labels, top]), st.lists(LABEL, min_size=1, max_size=3), TOP)
PORT = st.none() | st.integers(1, 65535)
VARIANT = st.none() | st.from_regex(r"[a-z][a-z0-9]{0,10}", fullmatch=True)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://acme.com", "acme_com"),
        ("https://www.acme.com/shop?x=1#top", "acme_com"),
        ("ACME.com", "acme_com"),
        ("https://my-shop.co.uk", "my__shop_co_uk"),
        ("http://acme.com:8080/", "acme_com___8080"),
        ("https://acme.com:443", "acme_com"),
        ("http://acme.com:80", "acme_com"),
        ("acme.com:8443", "acme_com___8443"),
        ("http://127.0.0.1:8000", "127_0_0_1___8000"),
        ("http://localhost:3000", "localhost___3000"),
        ("https://münchen.de", "xn____mnchen__3ya_de"),
        ("https://www.com", "www_com"),
        ("https://acme.com.", "acme_com"),
    ],
)
def test_site_key(url: str, key: str) -> None:
    assert site_key(url) == key


@given(host=HOST, port=PORT, variant=VARIANT)
def test_a_key_reads_back_as_its_host(host: str, port: int | None, variant: str | None) -> None:
    key = host_to_key(host, port, variant)
    shown = host.removeprefix("www.") if host.count(".") > 1 else host
    assert site_of_key(key) == (shown, port, variant)


@given(one=st.tuples(HOST, PORT, VARIANT), other=st.tuples(HOST, PORT, VARIANT))
def test_two_sites_never_share_a_key(
    one: tuple[str, int | None, str | None], other: tuple[str, int | None, str | None]
) -> None:
    def bare(site: tuple[str, int | None, str | None]) -> tuple[str, int | None, str | None]:
        host = site[0]
        return (host.removeprefix("www.") if host.count(".") > 1 else host, *site[1:])

    assert (host_to_key(*one) == host_to_key(*other)) == (bare(one) == bare(other))


@given(st.text(max_size=60))
def test_any_text_as_a_key_is_either_read_or_refused(text: str) -> None:
    try:
        site = site_of_key(text)
    except ProvisioningError:
        return
    assert host_to_key(*site) == text


@pytest.mark.parametrize(
    "key",
    [
        "", "acme", "acme.com", "Acme_com", "acme_com\n", "../acme_com", "a/b", "https://acme.com", "acme__com",
        "_acme_com", "acme_com_", "acme_com___", "acme_com___0", "acme_com___99999", "acme_com___emea___8080",
        "acme_com___1a", "1_2_3_4_5", "acme_com___emea___apac", "x" * 300 + "_com", "acme_com _", "münchen_de",
    ],
)  # fmt: skip
def test_bad_keys_are_refused(key: str) -> None:
    with pytest.raises(ProvisioningError, match="is not a customer key"):
        site_of_key(key)


@pytest.mark.parametrize(
    "url",
    [
        "", "   ", "ftp://acme.com", "javascript:alert(1)", "mailto:a@acme.com", "file:///etc/passwd", "https://",
        "https://acme", "https://a b.com", "https://user:secret@acme.com", "https://acme.com:99999", "http://[::1]/",
        "https://-acme.com", "https://acme..com", "data:text/html,x", "https://acme.com\\@evil.com", "https://ac_me.com",
        "https://acme.com/\nHost: evil",
    ],
)  # fmt: skip
def test_bad_addresses_are_refused(url: str) -> None:
    with pytest.raises(ProvisioningError) as refusal:
        checked_url(url)
    assert "secret" not in str(refusal.value)


@given(st.text(max_size=80))
def test_any_text_as_an_address_is_either_read_or_refused(text: str) -> None:
    try:
        url = checked_url(text)
    except ProvisioningError:
        return
    assert url.startswith(("http://", "https://"))
    assert checked_url(url) == url


def test_the_default_address_follows_from_the_key() -> None:
    assert default_url("acme_com") == "https://acme.com"
    assert default_url("my__shop_co_uk___emea") == "https://my-shop.co.uk"
    assert default_url("acme_com___8443") == "https://acme.com:8443"
    assert default_url("127_0_0_1___8000") == "http://127.0.0.1:8000"


def test_a_key_alone_is_a_complete_request() -> None:
    request = build_request("acme_com", {}, today=TODAY)
    assert request.url == "https://acme.com"
    assert request.size is DemoSize.SMALL
    assert request.as_of == TODAY
    assert request.industry is None
    assert request.asked == []
    assert request.expires_on == TODAY + timedelta(days=request.ttl_days)


def test_what_was_asked_before_is_kept_and_defaults_move_on() -> None:
    asked = {"size": "medium", "industry": "telecom", "seed": 7}
    first = build_request("acme_com", asked, today=TODAY)
    later = build_request("acme_com", {"seed": "8"}, today=TODAY + timedelta(days=3), previous=first)
    assert (later.size, later.industry, later.seed) == (DemoSize.MEDIUM, "telecom", 8)
    assert later.as_of == TODAY + timedelta(days=3)
    assert later.created_on == TODAY
    assert later.asked == ["industry", "size", "seed"]


def test_an_as_of_date_is_released_by_asking_for_today() -> None:
    first = build_request("acme_com", {"as_of": "2026-02-01", "seed": 7}, today=TODAY)
    later = build_request("acme_com", {"as_of": "today"}, today=TODAY + timedelta(days=9), previous=first)
    assert (later.as_of, later.seed, later.asked) == (TODAY + timedelta(days=9), 7, ["seed"])
    assert (later.created_on, later.expires_on) == (first.created_on, first.expires_on)


def test_an_as_of_date_that_was_asked_for_stays() -> None:
    first = build_request("acme_com", {"as_of": "2026-02-01"}, today=TODAY)
    later = build_request("acme_com", {}, today=TODAY + timedelta(days=3), previous=first)
    assert later.as_of == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("field", "value", "accepted"),
    [
        ("industry", "shoes", INDUSTRIES[0]),
        ("language", "xx", "de (German)"),
        ("language", "german", "ja (Japanese)"),
        ("language", True, "no (Norwegian)"),
        ("size", "huge", "xlarge"),
        ("seed", -1, str(LARGEST_SEED)),
        ("seed", "many", "whole number"),
        ("seed", True, "whole number"),
        ("as_of", "yesterday", "2026-03-01"),
        ("as_of", "1999-12-31", "2000-01-01"),
        ("as_of", "2030-01-01", "2027-03-02"),
        ("ttl_days", 0, "1 to 365"),
        ("ttl_days", 366, "1 to 365"),
        ("notes", "x" * 20_001, "20,000"),
        ("owner", "Ann", "ann@example.com"),
        ("owner", "ann@acme", "ann@example.com"),
        ("owner", "ann b@acme.com", "ann@example.com"),
        ("owner", "ann@acme.com, ben@acme.com", "ann@example.com"),
        ("owner", f"{'a' * 250}@acme.com", "ann@example.com"),
        ("owner", 7, "ann@example.com"),
        ("saved_pages", "/nowhere/at/all", "folder"),
        ("url", "ftp://acme.com", "https"),
        ("colour", "red", "The fields are"),
    ],
)
def test_bad_values_are_refused_with_what_was_given_and_what_is_accepted(
    field: str, value: object, accepted: str
) -> None:
    with pytest.raises(ProvisioningError) as refusal:
        build_request("acme_com", {field: value}, today=TODAY)
    assert accepted in str(refusal.value)
    if field not in ("notes", "colour") and len(str(value)) < 100:
        assert str(value) in refusal.value.problem


@pytest.mark.parametrize(
    ("given", "language"), [(None, "en"), ("de", "de"), (" DE ", "de"), ("no", "no"), (yaml.safe_load("no"), "no")]
)
def test_the_language_is_english_unless_another_is_asked_for(given: object, language: str) -> None:
    assert build_request("acme_com", {"language": given}, today=TODAY).language == language


def test_the_language_stays_until_another_is_given_and_makes_another_demo() -> None:
    german = build_request("acme_com", {"language": "de"}, today=TODAY)
    later = build_request("acme_com", {"as_of": "today"}, today=date(2026, 3, 8), previous=german)
    assert later.language == "de"
    assert build_request("acme_com", {"edits": []}, today=TODAY, previous=german).language == "de"
    english = build_request("acme_com", {"language": "en"}, today=TODAY, previous=german)
    assert english.language == "en"
    assert english.digest() != german.digest()


def test_saved_pages_must_be_a_folder_with_pages(tmp_path: Path) -> None:
    with pytest.raises(ProvisioningError, match=r"contains no \.html file"):
        build_request("acme_com", {"saved_pages": str(tmp_path)}, today=TODAY)
    (tmp_path / "index.html").write_text("<p>hello")
    request = build_request("acme_com", {"saved_pages": str(tmp_path)}, today=TODAY)
    assert request.saved_pages == str(tmp_path.resolve())


def test_the_owner_is_a_mail_address_that_is_kept_until_it_is_cleared() -> None:
    first = build_request("acme_com", {"owner": " Ann.O'Brien+demo@Acme.co.uk "}, today=TODAY)
    assert first.owner == "Ann.O'Brien+demo@Acme.co.uk"
    later = build_request("acme_com", {}, today=TODAY, previous=first)
    assert later.owner == first.owner
    assert build_request("acme_com", {"owner": ""}, today=TODAY, previous=later).owner == ""


def test_a_request_survives_storage() -> None:
    request = build_request("acme_com", {"notes": " sells tea "}, today=TODAY)
    assert request.notes == "sells tea"
    assert CustomerRequest.model_validate_json(request.model_dump_json()) == request


@pytest.mark.parametrize(
    ("key", "url", "host"),
    [
        ("acme_com", "https://www.acme.com/en", "www.acme.com"),
        ("acme_com", "http://127.0.0.1:9000", "acme.com"),
        ("my__shop_co_uk___emea", "http://localhost:9000", "my-shop.co.uk"),
        ("acme_com", "https://mirror.example.org", "mirror.example.org"),
    ],
)
def test_the_name_of_an_ip_address_comes_from_the_key(key: str, url: str, host: str):
    assert naming_host(build_request(key, {"url": url}, today=TODAY)) == host


# --- how long a demo is kept -------------------------------------------------------------------------------------


def test_a_demo_is_kept_for_thirty_days_unless_it_is_pinned() -> None:
    day = date(2026, 3, 1)
    assert build_request("acme_com", {}, today=day).expires_on == date(2026, 3, 31)
    pinned = build_request("acme_com", {"pinned": "true"}, today=day)
    assert pinned.expires_on is None
    assert build_request("acme_com", {"pinned": False}, today=day, previous=pinned).expires_on == date(2026, 3, 31)
    with pytest.raises(ProvisioningError, match="Give true or false"):
        build_request("acme_com", {"pinned": "perhaps"}, today=day)


def test_how_long_a_demo_is_kept_and_for_whom_makes_no_other_demo_of_it() -> None:
    day = date(2026, 3, 1)
    request = build_request("acme_com", {"size": "medium"}, today=day)
    for asked in ({"ttl_days": 90}, {"pinned": True}, {"owner": "ann@acme.com"}):
        changed = build_request("acme_com", asked, today=day, previous=request)
        assert changed != request
        assert changed.digest() == request.digest()
    assert build_request("acme_com", {"size": "small"}, today=day, previous=request).digest() != request.digest()


def test_a_demo_is_kept_longer_from_today_and_everything_else_stays() -> None:
    request = build_request("acme_com", {"size": "medium"}, today=date(2026, 3, 1))
    later = date(2026, 3, 29)
    longer = kept_for(request, days=30, pinned=None, today=later)
    assert longer.expires_on == date(2026, 4, 28)
    assert (longer.as_of, longer.created_on, longer.digest()) == (request.as_of, request.created_on, request.digest())
    assert build_request("acme_com", {}, today=later, previous=longer).expires_on == longer.expires_on
    pinned = kept_for(longer, days=None, pinned=True, today=later)
    assert pinned.expires_on is None
    assert kept_for(pinned, days=None, pinned=False, today=later).expires_on == longer.expires_on
    assert kept_for(pinned, days=5, pinned=None, today=later).expires_on == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("days", "pinned", "words"),
    [
        (None, None, "Give --days N, or --pinned"),
        (5, True, "not both"),
        (0, None, "Give 1 to 337 days"),
        (338, None, "Give 1 to 337 days"),
    ],
)
def test_a_time_that_is_not_accepted_is_refused(days: int | None, pinned: bool | None, words: str) -> None:
    request = build_request("acme_com", {}, today=date(2026, 3, 1))
    with pytest.raises(ProvisioningError, match=words):
        kept_for(request, days=days, pinned=pinned, today=date(2026, 3, 29))
