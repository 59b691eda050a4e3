"""Starts and stops the server: in a thread of a run's process, or in the foreground for ``provision serve``."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from upath import UPath

from provisioning_assets.agent.claude_answers.questions_to_claude import QuestionsToClaude
from provisioning_assets.agent.local_server.api import ConversationalAnalytics, build_api
from provisioning_assets.agent.local_server.datasets import StoreDatasets
from provisioning_assets.agent.local_server.resource_names import PARENT
from provisioning_assets.agent.local_server.store_folder import local_folder
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.duckdb_connection import KeptEngine

HOST = "127.0.0.1"
_START_SECONDS = 20.0
_STOP_SECONDS = 10.0


@contextmanager
def running_server(store: UPath | Path, port: int = 0, claude: QuestionsToClaude | None = None) -> Iterator[str]:
    """Serve the API for a store in a thread while the context is entered.

    Args:
        store: the demos' folder.
        port: the port on 127.0.0.1; 0 takes a free port, so that several runs can each have a server.
        claude: answers what no verified query answers; None: rules do.

    Yields:
        the address: ``http://127.0.0.1:PORT``.
    """
    # A run asks a hundred questions of one data set, so the engine is kept open. A permanent server must not do this:
    # it would keep the files of other runs open.
    kept = KeptEngine()
    try:
        with serving(_api(store, kept, claude), port) as address:
            yield address
    finally:
        kept.close()


@contextmanager
def serving(app: Starlette, port: int = 0) -> Iterator[str]:
    """Serve an application in a thread while the context is entered; yields its address."""
    bound = _bind(port)
    server = uvicorn.Server(_configuration(app))
    failure: list[BaseException] = []

    def serve() -> None:
        try:
            server.run(sockets=[bound])
        except BaseException as error:  # noqa: BLE001  # passed to the waiting thread
            failure.append(error)

    thread = threading.Thread(target=serve, name="conversational-analytics", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread, failure)
        yield f"http://{HOST}:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_STOP_SECONDS)
        bound.close()


def serve_forever(
    store: UPath | Path,
    port: int,
    show: Callable[[str], object] = print,
    claude: QuestionsToClaude | None = None,
) -> None:
    """Serve until the process is interrupted.

    Args:
        store: the demos' folder.
        port: the port on 127.0.0.1; 0 takes a free port.
        show: gets the line that says where the server is.
        claude: answers what no verified query answers; None: rules do.

    Raises:
        ProvisioningError: the port is in use, or the store is not on this machine.
    """
    app = _api(store, claude=claude)
    bound = _bind(port)
    server = uvicorn.Server(_configuration(app))
    show(f"Conversational Analytics API on http://{HOST}:{bound.getsockname()[1]}/v1/{PARENT} (Ctrl-C ends it)")
    server.run(sockets=[bound])


def _api(store: UPath | Path, kept: KeptEngine | None = None, claude: QuestionsToClaude | None = None) -> Starlette:
    folder = local_folder(store)
    return build_api(ConversationalAnalytics(folder, StoreDatasets(folder, kept), claude))


def _configuration(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        ws="none",
    )


def _bind(port: int) -> socket.socket:
    """Return a bound socket, so that the port is known before the server's thread starts."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError as error:
        bound.close()
        raise ProvisioningError(
            f"Port {port} on {HOST} cannot be used: {error.strerror}.",
            "Choose another with --port, or 0 for a free one.",
        ) from error
    return bound


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread, failure: list[BaseException]) -> None:
    waited = threading.Event()
    for _ in range(int(_START_SECONDS / 0.01)):
        if server.started:
            return
        if not thread.is_alive():
            break
        waited.wait(0.01)
    raise RuntimeError("the Conversational Analytics server did not start") from (failure[0] if failure else None)
