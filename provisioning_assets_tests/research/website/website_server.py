"""A website on loopback for the tests of research: real HTTP, with every fault a site can have."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from provisioning_assets.research.website.browser import BrowserUnavailableError, find_chromium
from provisioning_assets.research.website.settings import CrawlSettings

Answer = Callable[["Exchange"], None]

WORDS = (
    "Acme Outdoor has sold tents, boots and rucksacks from Bristol since 1974. Our shops in Leeds, Cardiff and Glasgow "
    "repair what others throw away, and families, walkers and schools hire their gear by the week. "
)


@dataclass
class Exchange:
    """One request, and the means to answer it."""

    handler: BaseHTTPRequestHandler
    path: str
    visit: int

    def send(
        self, body: bytes | str = b"", *, status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str
    ) -> None:
        """A whole answer; header names are written with underscores."""
        data = body.encode() if isinstance(body, str) else body
        self.handler.send_response(status)
        if kind:
            self.handler.send_header("Content-Type", kind)
        self.handler.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(data)

    def redirect(self, target: str, status: int = 302) -> None:
        self.send(status=status, Location=target)

    def raw(self, data: bytes) -> None:
        """Bytes as they are, status line included."""
        self.handler.wfile.write(data)
        self.handler.wfile.flush()


@dataclass
class Website:
    """A running site.

    Args:
        routes: path -> page (text), or a function that answers.
    """

    routes: dict[str, str | Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def asked(self, path: str) -> int:
        return self.requests.count(path)


@contextmanager
def served(
    routes: dict[str, str | Answer] | None = None, *, host: str = "127.0.0.1", wrap: Any = None
) -> Iterator[Website]:
    """A site of ``routes``; anything else is 404."""
    site = Website(dict(routes or {}))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.requests.append(self.path)
            site.headers.append({name.lower(): value for name, value in self.headers.items()})
            site.times.append(time.monotonic())
            exchange = Exchange(self, self.path, site.asked(self.path))
            answer = site.routes.get(self.path)
            try:
                if answer is None:
                    exchange.send("<title>404</title>not here", status=404)
                elif isinstance(answer, str):
                    exchange.send(answer)
                else:
                    answer(exchange)
            except OSError:
                self.close_connection = True

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            return

    class QuietServer(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            return  # a reader that hangs up is what many of these tests are about

    server = QuietServer((host, 0), Handler)
    server.daemon_threads = True
    if wrap is not None:
        server.socket = wrap(server.socket)
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def page(title: str, body: str = WORDS, *, links: tuple[str, ...] = (), head: str = "", language: str = "en") -> str:
    """A small, honest page."""
    anchors = "".join(f'<li><a href="{link}">{link.strip("/") or "home"}</a></li>' for link in links)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body><nav><ul>{anchors}</ul></nav><main><h1>{title}</h1><p>{body}</p></main></body></html>"
    )


def gzip_bomb(megabytes: int, layers: int = 1) -> bytes:
    """So many MB of zeros, compressed."""
    data = b"\0" * (megabytes * 1_000_000)
    for _ in range(layers):
        data = gzip.compress(data, 9)
    return data


def quick_settings(**changed: Any) -> CrawlSettings:
    """Limits small enough for tests; loopback is allowed."""
    values: dict[str, Any] = {
        "allow_private_hosts": ("127.0.0.1",),
        "max_seconds": 20.0,
        "max_page_seconds": 10.0,
        "connect_seconds": 1.0,
        "retry_wait_seconds": 0.01,
        "max_retry_after_seconds": 0.05,
        "max_browser_pages": 0,
    }
    return CrawlSettings(**{**values, **changed})


def missing_chromium() -> str | None:
    """Why Chromium tests cannot run here, or ``None``."""
    try:
        find_chromium(CrawlSettings())
    except BrowserUnavailableError as error:
        return str(error)
    return None
