"""A small HTTP server that answers as Google's APIs do, and records what it was asked."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from provisioning_assets.doctor.google_api import Endpoints
from provisioning_assets.doctor.google_cloud import APIS, WANTED_APIS
from provisioning_assets.doctor.permissions import BUCKET_RIGHTS, PROJECT_RIGHTS

PROJECT, BUCKET = "demo-project-1", "demo-bucket"
PROJECT_PERMISSIONS = [right.permission for right in PROJECT_RIGHTS]
BUCKET_PERMISSIONS = [right.permission for right in BUCKET_RIGHTS]


@dataclass(frozen=True)
class Request:
    """One request that arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any


Reply = tuple[int, Any]
Route = Reply | Callable[[Request], Reply]


def refusal(status: int, message: str, reason: str = "") -> Reply:
    """An error in the form of Google's APIs."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return status, {"error": {"code": status, "message": message, "details": details}}


def enabled(*names: str) -> Reply:
    """The answer about services, of which only these are enabled. It names the project by its number."""
    return 200, {
        "services": [
            {"name": f"projects/123/services/{name}", "state": "ENABLED" if name in names else "DISABLED"}
            for name in (*APIS, *WANTED_APIS)
        ]
    }


def granting(held: list[str]) -> Callable[[Request], Reply]:
    """The answer of testIamPermissions for an account with these permissions: those of the asked ones that it has."""

    def reply(request: Request) -> Reply:
        asked = request.body["permissions"] if request.body else request.query["permissions"]
        given = [permission for permission in asked if permission in held]
        return 200, {"permissions": given} if given else {}

    return reply


def chat_quota(units: int) -> Reply:
    """The answer about quotas, with this many units of chats a minute."""
    limits = [
        {"unit": "1/min/{project}/{user}", "quotaBuckets": [{"effectiveLimit": "1"}]},
        {"unit": "1/min/{project}", "quotaBuckets": [{"effectiveLimit": str(units)}]},
    ]
    other = [{"unit": "1/min/{project}", "quotaBuckets": [{"effectiveLimit": "2"}]}]
    return 200, {
        "metrics": [
            {"metric": "geminidataanalytics.googleapis.com/requests", "consumerQuotaLimits": other},
            {"metric": "geminidataanalytics.googleapis.com/chat_requests", "consumerQuotaLimits": limits},
        ]
    }


PROJECT_PATH = f"/v3/projects/{PROJECT}"
BILLING = f"/v1/projects/{PROJECT}/billingInfo"
SERVICES = f"/v1/projects/{PROJECT}/services:batchGet"
PROJECT_RIGHTS_PATH = f"/v3/projects/{PROJECT}:testIamPermissions"
BUCKET_PATH = f"/storage/v1/b/{BUCKET}"
BUCKET_RIGHTS_PATH = f"/storage/v1/b/{BUCKET}/iam/testPermissions"
JOBS = f"/bigquery/v2/projects/{PROJECT}/jobs"
AGENTS = f"/v1/projects/{PROJECT}/locations/global/dataAgents"
QUOTAS = f"/v1beta1/projects/{PROJECT}/services/geminidataanalytics.googleapis.com/consumerQuotaMetrics"
USER_INFO = "/v1/userinfo"
TOKEN = "/token"

ALL_IS_WELL: dict[str, Route] = {
    PROJECT_PATH: (200, {"projectId": PROJECT, "state": "ACTIVE"}),
    BILLING: (200, {"billingEnabled": True}),
    SERVICES: enabled(*APIS, *WANTED_APIS),
    PROJECT_RIGHTS_PATH: granting(PROJECT_PERMISSIONS),
    BUCKET_PATH: (200, {"location": "US-CENTRAL1"}),
    BUCKET_RIGHTS_PATH: granting(BUCKET_PERMISSIONS),
    JOBS: (200, {"kind": "bigquery#job", "status": {"state": "DONE"}}),
    AGENTS: (200, {"dataAgents": []}),
    QUOTAS: chat_quota(240),
    USER_INFO: (200, {"email": "ann@example.com"}),
}


@dataclass
class GoogleServer:
    """The running server. ``routes`` may be changed at any time."""

    address: str
    routes: dict[str, Route]
    requests: list[Request] = field(default_factory=list)

    @property
    def endpoints(self) -> Endpoints:
        """Every API at this server."""
        return Endpoints(*[self.address] * len(Endpoints.__dataclass_fields__))

    def asked(self, path: str) -> list[Request]:
        """The requests of one path."""
        return [request for request in self.requests if request.path == path]


@contextmanager
def google_server(**changed: Any) -> Iterator[GoogleServer]:
    """Run a server for which all is well."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            kind = self.headers.get("content-type", "")
            body = json.loads(content) if content and "json" in kind else None
            request = Request(
                self.command, parts.path, parse_qs(parts.query), {k.lower(): v for k, v in self.headers.items()}, body
            )
            server.requests.append(request)
            route = server.routes.get(parts.path, refusal(404, f"no route for {parts.path}"))
            status, reply = route(request) if callable(route) else route
            if status == 0:  # the connection breaks
                self.close_connection = True
                return
            content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("content-type", "text/html" if isinstance(reply, bytes) else "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def do_DELETE(self) -> None:
            self.answer()

        def log_message(self, format: str, *args: Any) -> None:
            return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = GoogleServer(f"http://127.0.0.1:{http.server_port}", {**ALL_IS_WELL, **changed})
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
