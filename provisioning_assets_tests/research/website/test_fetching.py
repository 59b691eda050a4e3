"""A resource is fetched from the checked address, within limits, whatever the server does."""

import gzip
import ssl
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.research.website.fetching import (
    BoundedDecoder,
    CheckedNetwork,
    Fetcher,
    FetchError,
    TooLargeError,
)
from provisioning_assets.research.website.models import FailureKind
from provisioning_assets_tests.research.website.certificates import self_signed
from provisioning_assets_tests.research.website.website_server import (
    Exchange,
    Website,
    gzip_bomb,
    quick_settings,
    served,
)


@pytest.fixture
def site() -> Iterator[Website]:
    with served() as running:
        yield running


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(quick_settings()) as opened:
        yield opened


def soon(seconds: float = 3.0) -> float:
    return time.monotonic() + seconds


def failure(fetcher: Fetcher, url: str, **more: Any) -> FetchError:
    with pytest.raises(FetchError) as failed:
        fetcher.fetch(url, **{"deadline": soon(), **more})
    return failed.value


class RecordingConnections(httpcore.SyncBackend):
    """Connects to the test's own server, and records the address that it should connect to."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.addresses: list[str] = []

    def connect_tcp(self, host: str, port: int, *more: Any, **named: Any) -> httpcore.NetworkStream:
        self.addresses.append(host)
        return super().connect_tcp("127.0.0.1", self.port, *more, **named)


def test_the_connection_goes_to_the_checked_address_although_the_name_changes(site: Website) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    resolved: list[str] = []

    def rebinding(host: str, _seconds: float) -> list[str]:
        resolved.append(host)
        return next(answers)

    site.routes = {"/": lambda exchange: exchange.send("public", Connection="close")}
    connections = RecordingConnections(site.port)
    network = CheckedNetwork((), resolve=rebinding, connect=connections)
    with Fetcher(quick_settings(allow_private_hosts=()), network=network) as fetcher:
        assert fetcher.fetch("http://rebind.test/", deadline=soon()).body == b"public"
        assert resolved == ["rebind.test"]
        assert connections.addresses == ["93.184.216.34"]
        assert site.headers[0]["host"] == "rebind.test"
        # the name has moved into the private network: the next connection is checked afresh, and refused
        assert failure(fetcher, "http://rebind.test/").kind == FailureKind.REFUSED
        assert connections.addresses == ["93.184.216.34"]


def test_tls_is_with_the_name_and_not_with_the_address(tmp_path: Path) -> None:
    certificate, key = self_signed("shop.test", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate))
    routes: dict[str, Any] = {"/": "secret"}
    with served(routes, wrap=lambda plain: context.wrap_socket(plain, server_side=True)) as site:
        network = CheckedNetwork(
            (), resolve=lambda _host, _seconds: ["93.184.216.34"], connect=RecordingConnections(site.port)
        )
        with Fetcher(quick_settings(), network=network, ssl_context=trusting) as fetcher:
            assert fetcher.fetch("https://shop.test/", deadline=soon()).body == b"secret"
            assert asked == ["shop.test"]
            wrong = failure(fetcher, "https://other.test/")
            assert "secure connection failed" in wrong.reason
        with Fetcher(quick_settings(), network=network) as distrusting:
            assert "secure connection failed" in failure(distrusting, "https://shop.test/").reason


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{port}/secret", "http://localhost:{port}/secret", "http://[::1]:{port}/secret",
        "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[::ffff:127.0.0.1]:{port}/secret",
        "http://2130706434:{port}/secret", "file:///etc/passwd", "ftp://127.0.0.1/", "http://user:pass@127.0.0.1:{port}/",
        "//127.0.0.2:{port}/secret", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_a_redirect_into_the_private_network_is_refused(target: str) -> None:
    with served(host="0.0.0.0") as site, Fetcher(quick_settings()) as fetcher:
        site.routes = {
            "/": lambda exchange: exchange.redirect(target.format(port=site.port)),
            "/secret": "the crown jewels",
        }
        assert failure(fetcher, site.url).kind in {FailureKind.REFUSED, FailureKind.NETWORK}
        assert site.asked("/secret") == 0


def test_a_private_address_is_refused_at_once_and_without_another_try(site: Website) -> None:
    with Fetcher(quick_settings(allow_private_hosts=())) as fetcher:
        refused = failure(fetcher, site.url)
    assert refused.kind == FailureKind.REFUSED
    assert "PROVISIONING_ALLOW_PRIVATE_HOSTS" in refused.reason
    assert site.requests == []


def test_proxies_of_the_environment_are_not_used(
    site: Website, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.routes = {"/": "direct"}
    with Fetcher(quick_settings()) as opened:
        assert opened.fetch(site.url, deadline=soon()).body == b"direct"


def test_redirects_are_followed_and_remembered(site: Website, fetcher: Fetcher) -> None:
    site.routes = {
        "/": lambda exchange: exchange.redirect("/de?utm_source=x", 301),
        "/de": lambda exchange: exchange.redirect("start#top", 308),
        "/start": "welcome",
    }
    answer = fetcher.fetch(site.url, deadline=soon())
    assert answer.url == f"{site.url}start"
    assert answer.hops == (site.url, f"{site.url}de")


def test_a_cookie_wall_that_redirects_once_is_passed(site: Website, fetcher: Fetcher) -> None:
    def door(exchange: Exchange) -> None:
        if "seen=1" in exchange.handler.headers.get("Cookie", ""):
            exchange.send("inside")
        else:
            exchange.send(status=302, Location="/", Set_Cookie="seen=1; Path=/")

    site.routes = {"/": door}
    assert fetcher.fetch(site.url, deadline=soon()).body == b"inside"


@pytest.mark.parametrize("length", [1, 2, 30])
def test_a_redirect_loop_ends(site: Website, fetcher: Fetcher, length: int) -> None:
    for at in range(length):
        site.routes[f"/{at}"] = lambda exchange, at=at: exchange.redirect(f"/{(at + 1) % length}")
    assert "in a loop" in failure(fetcher, f"{site.url}0").reason
    assert len(site.requests) <= 13


@pytest.mark.parametrize("layers", [1, 2])
def test_a_gzip_bomb_stops_at_the_limit(site: Website, fetcher: Fetcher, layers: int) -> None:
    bomb = gzip_bomb(60, layers)
    site.routes = {"/": lambda exchange: exchange.send(bomb, Content_Encoding=", ".join(["gzip"] * layers))}
    stopped = failure(fetcher, site.url)
    assert stopped.kind == FailureKind.LIMIT
    assert "5 MB" in stopped.reason
    assert len(site.requests) == 1


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip, gzip", "compress"])
def test_an_encoding_that_was_not_asked_for_is_not_decoded(site: Website, fetcher: Fetcher, encoding: str) -> None:
    site.routes = {"/": lambda exchange: exchange.send(b"\x00\x01", Content_Encoding=encoding)}
    assert failure(fetcher, site.url).kind == FailureKind.CONTENT


def test_what_the_server_compresses_is_read(site: Website, fetcher: Fetcher) -> None:
    raw = zlib.compressobj(wbits=-15)
    site.routes = {
        "/gzip": lambda exchange: exchange.send(
            gzip.compress(b"text") + gzip.compress(b"more"), Content_Encoding="gzip"
        ),
        "/zlib": lambda exchange: exchange.send(zlib.compress(b"text"), Content_Encoding="deflate"),
        "/raw": lambda exchange: exchange.send(raw.compress(b"text") + raw.flush(), Content_Encoding="deflate"),
        "/plain": lambda exchange: exchange.send(b"text", Content_Encoding="identity"),
        "/cut": lambda exchange: exchange.send(gzip.compress(b"text" * 999)[:-9], Content_Encoding="gzip"),
        "/liar": lambda exchange: exchange.send(b"no gzip at all", Content_Encoding="gzip"),
    }
    bodies = {path: fetcher.fetch(site.url + path, deadline=soon()).body for path in ("gzip", "zlib", "raw", "plain")}
    assert bodies == {"gzip": b"textmore", "zlib": b"text", "raw": b"text", "plain": b"text"}
    for path in ("cut", "liar"):
        assert failure(fetcher, site.url + path).kind == FailureKind.CONTENT


def test_a_body_beyond_the_limit_is_not_read(site: Website, fetcher: Fetcher) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
        for _ in range(1_000):
            exchange.raw(b"x" * 100_000)

    site.routes = {"/declared": lambda exchange: exchange.send(b"x" * 2_000), "/endless": endless}
    assert failure(fetcher, f"{site.url}declared", max_bytes=1_000).kind == FailureKind.LIMIT
    assert failure(fetcher, f"{site.url}endless").kind == FailureKind.LIMIT


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_sends_slowly_is_given_up_at_the_deadline(site: Website, fetcher: Fetcher, part: str) -> None:
    def drip(exchange: Exchange) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n"
        if part == "body":
            exchange.raw(head)
        for letter in head * 5:
            exchange.raw(bytes([letter]))
            time.sleep(0.05)

    site.routes = {"/": drip}
    begun = time.monotonic()
    slow = failure(fetcher, site.url, deadline=soon(0.4))
    assert slow.kind == FailureKind.LIMIT
    assert time.monotonic() - begun < 6


def test_a_server_that_never_answers_ends_with_the_deadline(site: Website, fetcher: Fetcher) -> None:
    site.routes = {"/": lambda _exchange: time.sleep(5)}
    begun = time.monotonic()
    assert "in time" in failure(fetcher, site.url, deadline=soon(0.3)).reason
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(site: Website, fetcher: Fetcher, status: int) -> None:
    def recovering(exchange: Exchange) -> None:
        exchange.send("back" if exchange.visit > 2 else "", status=200 if exchange.visit > 2 else status)

    site.routes = {"/": recovering}
    assert fetcher.fetch(site.url, deadline=soon()).body == b"back"
    assert len(site.requests) == 3


def test_a_failure_that_stays_is_returned_with_its_status(site: Website, fetcher: Fetcher) -> None:
    site.routes = {"/": lambda exchange: exchange.send("down", status=503), "/gone": lambda e: e.send("", status=410)}
    assert fetcher.fetch(site.url, deadline=soon()).status == 503
    assert site.asked("/") == 3
    assert fetcher.fetch(f"{site.url}gone", deadline=soon()).status == 410
    assert site.asked("/gone") == 1


@pytest.mark.parametrize(
    ("header", "waited"),
    [("2", 2.0), ("3600", 5.0), ("Sun, 01 Mar 2026 12:00:00 GMT", 0.0), ("nonsense", 0.25), (None, 0.25)],
)
def test_retry_after_is_honoured_within_bounds(site: Website, header: str | None, waited: float) -> None:
    waits: list[float] = []
    more = {"Retry_After": header} if header else {}
    site.routes = {"/": lambda e: e.send("ok") if e.visit > 1 else e.send("", status=429, **more)}
    settings = quick_settings(max_retry_after_seconds=5.0, retry_wait_seconds=0.25)
    with Fetcher(settings, sleep=waits.append) as fetcher:
        assert fetcher.fetch(site.url, deadline=soon(30)).body == b"ok"
    assert waits == [waited]


def test_there_is_no_retry_beyond_the_deadline(site: Website) -> None:
    waits: list[float] = []
    site.routes = {"/": lambda exchange: exchange.send("", status=503, Retry_After="4")}
    with Fetcher(quick_settings(max_retry_after_seconds=5.0), sleep=waits.append) as fetcher:
        assert fetcher.fetch(site.url, deadline=soon(1)).status == 503
    assert waits == []


def test_a_connection_that_breaks_is_tried_again(site: Website, fetcher: Fetcher) -> None:
    def breaking(exchange: Exchange) -> None:
        if exchange.visit == 1:
            exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            exchange.handler.close_connection = True
        elif exchange.visit == 2:
            exchange.raw(b"\x00garbage\r\n\r\n")
            exchange.handler.close_connection = True
        else:
            exchange.send("whole")

    site.routes = {"/": breaking}
    assert fetcher.fetch(site.url, deadline=soon()).body == b"whole"


def test_refused_connections_and_unknown_names_are_network_failures(fetcher: Fetcher) -> None:
    with served() as gone:
        url = gone.url
    assert failure(fetcher, url).kind == FailureKind.NETWORK
    assert "does not resolve" in failure(fetcher, "http://no-such-name.invalid/", deadline=soon(10)).reason


def test_a_second_address_is_tried_when_the_first_is_dead(site: Website) -> None:
    class FirstDead(RecordingConnections):
        def connect_tcp(self, host: str, port: int, *more: Any, **named: Any) -> httpcore.NetworkStream:
            if host == "8.8.4.4":
                self.addresses.append(host)
                raise httpcore.ConnectError("dead")
            return super().connect_tcp(host, port, *more, **named)

    connections = FirstDead(site.port)
    site.routes = {"/": "alive"}
    network = CheckedNetwork((), resolve=lambda _host, _seconds: ["8.8.4.4", "8.8.8.8"], connect=connections)
    with Fetcher(quick_settings(), network=network) as fetcher:
        assert fetcher.fetch("http://two.test/", deadline=soon()).body == b"alive"
    assert connections.addresses == ["8.8.4.4", "8.8.8.8"]


def test_a_body_that_is_not_wanted_is_left_on_the_wire(site: Website, fetcher: Fetcher) -> None:
    site.routes = {"/": lambda exchange: exchange.send(b"%PDF" * 100, kind="application/pdf")}
    refused = failure(fetcher, site.url, wanted=lambda media_type: media_type == "text/html")
    assert refused.kind == FailureKind.CONTENT
    assert "application/pdf" in refused.reason


@given(st.binary(max_size=5_000), st.sampled_from(["gzip", "deflate", ""]), st.integers(1, 700))
def test_decoding_piece_by_piece_gives_the_whole(body: bytes, encoding: str, size: int) -> None:
    packed = {"gzip": gzip.compress, "deflate": zlib.compress, "": bytes}[encoding](body)
    decoder = BoundedDecoder(encoding, 5_000)
    for at in range(0, len(packed), size):
        decoder.feed(packed[at : at + size])
    assert decoder.finish() == body


@given(st.integers(1, 300))
def test_a_decoder_never_holds_more_than_its_limit(kilobytes: int) -> None:
    decoder = BoundedDecoder("gzip", 1_000)
    with pytest.raises(TooLargeError):
        decoder.feed(gzip.compress(b"\0" * (kilobytes * 1_000 + 1)))
    assert len(decoder.body) <= 1_000
