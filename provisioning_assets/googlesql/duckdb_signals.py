"""Lets a signal that ends a run end the statement of DuckDB that is at work, too.

Python calls the handler of a signal when the statement has returned. DuckDB looks for signals itself only while its calling
thread takes part in the work, which with two threads it often does not (seen with DuckDB 2.0: an endless statement outlives
SIGTERM). When it does, it raises ``RuntimeError("Query interrupted")`` in the place of what the handler raised; whoever expects
statements to fail takes it for a failed statement, and a run that was terminated goes on.
"""

import contextlib
import signal
import socket
import threading
from collections.abc import Iterator

import duckdb

_ENDING = frozenset({signal.SIGINT, signal.SIGTERM})
_OVER = b"\0"
"""What is sent to the watching thread at the end; no signal has the number 0."""


class _Watch:
    """Interrupts connections when a signal comes. One for the process: there is one main thread, and one descriptor to wake."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self.connections: list[duckdb.DuckDBPyConnection] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[bool]:
        """Watch while the block runs; gives False where somebody else, such as asyncio, is told of signals already."""
        told, tells = socket.socketpair()
        with told, tells:
            tells.setblocking(False)
            before = signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)
            if before != -1:
                signal.set_wakeup_fd(before)
                yield False
                return
            thread = threading.Thread(target=self._interrupt, args=(told,), name="signals for DuckDB", daemon=True)
            thread.start()
            try:
                yield True
            finally:
                signal.set_wakeup_fd(before)
                tells.send(_OVER)
                thread.join()

    def _interrupt(self, told: socket.socket) -> None:
        while _OVER not in (numbers := told.recv(64)):
            if _ENDING.intersection(numbers):
                self.came.set()
                for connection in list(self.connections):
                    connection.interrupt()


_watch: _Watch | None = None


@contextlib.contextmanager
def stopped_by_signals(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Run statements of this connection so that SIGINT and SIGTERM end them within a moment.

    In other threads than the main one this does nothing: the main thread is not held up there, and handles the signal itself.

    Raises:
        KeyboardInterrupt: a signal came, and its handler did not raise another exception.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with _watching(connection) as watch:
        try:
            yield
        except Exception as error:
            if watch.came.is_set() or (isinstance(error, RuntimeError) and "Query interrupted" in str(error)):
                raise KeyboardInterrupt from error
            raise


@contextlib.contextmanager
def _watching(connection: duckdb.DuckDBPyConnection) -> Iterator[_Watch]:
    global _watch
    if _watch is not None:
        _watch.connections.append(connection)
        try:
            yield _watch
        finally:
            _watch.connections.remove(connection)
        return
    watch = _Watch()
    watch.connections.append(connection)
    with watch.running() as alone:
        _watch = watch if alone else None
        try:
            yield watch
        finally:
            _watch = None
