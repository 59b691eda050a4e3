"""Servers that take alerts on this machine: HTTP and SMTP as the real ones speak them, with the faults that a test asks for."""

import contextlib
import json
import socketserver
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HttpReceiver:
    """Records what is posted. ``answers`` are the statuses of the next requests, each with headers; then 200."""

    def __init__(self) -> None:
        self.posted: list[Any] = []
        self.paths: list[str] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.refused_word = ""
        self.seconds_between_bytes = 0.0
        self.port = 0

    def address(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, status: int, times: int = 1, **headers: str) -> None:
        self.answers += [(status, {name.replace("_", "-"): value for name, value in headers.items()})] * times

    def all_alerts(self) -> list[dict[str, Any]]:
        return [alert for document in self.posted for alert in document["alerts"]]


@contextlib.contextmanager
def http_receiver() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
            if receiver.refused_word and receiver.refused_word in body.decode():
                status = 400
            receiver.paths.append(self.path)
            if receiver.seconds_between_bytes:
                self._answer_slowly()
                return
            # before the answer: the sender may look at once
            if 200 <= status < 300:
                receiver.posted.append(json.loads(body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def _answer_slowly(self) -> None:
            """Send one byte at a time: no single read waits long."""
            with contextlib.suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 200:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(receiver.seconds_between_bytes)

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    class HttpServer(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Print nothing: a client may hang up at any time."""

    server = HttpServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


class MailReceiver:
    """Records mails: the addresses they were handed over for, and the mails as a mail program reads them."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.logins: list[str] = []
        self.refused: dict[str, int] = {}
        self.accepts_login = True
        self.port = 0

    def address(self, user: str = "", password: str = "") -> str:
        return f"smtp://{f'{user}:{password}@' if user else ''}127.0.0.1:{self.port}"


@contextlib.contextmanager
def mail_receiver() -> Iterator[MailReceiver]:
    receiver = MailReceiver()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 test ESMTP")
            recipients: list[str] = []
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                verb, _, rest = line.partition(" ")
                match verb.upper():
                    case "EHLO":
                        self._say("250-test\r\n250 AUTH PLAIN")
                    case "AUTH":
                        receiver.logins.append(rest)
                        self._say("235 welcome" if receiver.accepts_login else f"535 not accepted: {rest}")
                    case "MAIL" | "RSET" | "NOOP":
                        recipients = []
                        self._say("250 ok")
                    case "RCPT":
                        address = rest.partition(":")[2].strip("<> ")
                        code = receiver.refused.get(address, 250)
                        recipients += [address] if code == 250 else []
                        self._say(f"{code} {address}")
                    case "DATA":
                        self._say("354 go on")
                        received = message_from_bytes(self._data(), policy=policy.default)
                        assert isinstance(received, EmailMessage)
                        receiver.mails.append((recipients, received))
                        self._say("250 taken")
                    case "QUIT":
                        self._say("221 bye")
                        return
                    case _:
                        self._say("502 unknown")

        def _data(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return b"".join(lines)

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Print nothing: a client may hang up at any time."""

    with Server(("127.0.0.1", 0), Conversation) as server:
        receiver.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield receiver
        server.shutdown()
