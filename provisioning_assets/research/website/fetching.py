"""Fetches one resource over HTTP, within limits, from a public address. No other module of research opens connections.

The connection goes to exactly the address that was checked, so it has no effect if a name resolves to another address a
moment later. Redirects are followed here, one by one, and the address of each is checked in the same way.
"""

import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_any, stop_before_delay

from provisioning_assets.research.website.addresses import (
    AddressRefusedError,
    NameUnknownError,
    Resolver,
    checked_addresses,
    resolve_host,
)
from provisioning_assets.research.website.models import FailureKind
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.research.website.urls import UrlRefusedError, normalise
from provisioning_assets.telemetry.stage import note_retry

TEMPORARY_STATUSES = frozenset({429, 500, 502, 503, 504})  # worth a retry, RFC 9110 and RFC 6585
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
# Brotli and zstd are not asked for: their Python decoders cannot be stopped after a number of bytes.
ACCEPT_ENCODING = "gzip, deflate"
MOST_ENCODING_LAYERS = 2
_CHUNK = 65_536
_LOCATION = "location"  # key of a response's extensions


class FetchError(Exception):
    """A resource that could not be fetched.

    Args:
        url: the address that failed, which is the last one of a chain of redirects.
        reason: a clause that is shown to the user.
        kind: category of the failure.
    """

    def __init__(self, url: str, reason: str, kind: FailureKind = FailureKind.NETWORK) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason
        self.kind = kind


@dataclass(frozen=True)
class Fetched:
    """An answer with any status; the body is decompressed."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes
    hops: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty if the server sent none."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


class _TemporaryError(Exception):
    """A failure that a retry may fix; carries the answer to return, or the error to raise, if there is no retry."""

    def __init__(self, outcome: "Fetched | FetchError", retry_after: float | None = None) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome
        self.retry_after = retry_after


# The time by which the request of this thread must end. The timeouts of httpcore apply to a single read, so a server that
# sends one byte a second could block a thread forever.
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def _until(deadline: float) -> Iterator[None]:
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def _time_left(timeout: float | None, too_late: type[Exception]) -> float | None:
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise too_late("the time limit for this page was reached")
    return left if timeout is None else min(timeout, left)


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose every operation ends by the deadline of the request that uses it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _time_left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _time_left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _time_left(timeout, httpcore.ConnectTimeout)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects to exactly the address that passed the check; TLS and the Host header still use the name.

    Args:
        allow_private_hosts: hosts that may have any address.
        resolve: host and seconds -> addresses.
        connect: opens the connection to a checked address; httpcore's own sockets by default.
    """

    def __init__(
        self,
        allow_private_hosts: Iterable[str],
        *,
        resolve: Resolver = resolve_host,
        connect: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._allow_private_hosts = frozenset(allow_private_hosts)
        self._resolve = resolve
        self._connect = connect or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = _time_left(timeout, httpcore.ConnectTimeout) or 5.0
        addresses = checked_addresses(
            host, allow_private_hosts=self._allow_private_hosts, seconds=seconds, resolve=self._resolve
        )
        failure: Exception | None = None
        for address in addresses[:4]:  # if four addresses do not answer, the host is down
            try:
                left = _time_left(timeout, httpcore.ConnectTimeout)
                stream = self._connect.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _DeadlineStream(stream)
        raise failure or httpcore.ConnectError(f"{host} has no address")


class _CheckedTransport(httpx.BaseTransport):
    """An httpx transport on a ``CheckedNetwork``; the transport of httpx does not allow a different network backend."""

    def __init__(self, network: CheckedNetwork, ssl_context: ssl.SSLContext, connections: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=10,
            network_backend=network,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raw = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=raw.raw_scheme, host=raw.raw_host, port=raw.port, target=raw.raw_path),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        body = answer.stream
        assert isinstance(body, Iterable)  # noqa: S101 - the synchronous pool answers with a synchronous stream
        # httpx parses a Location even if redirects are not followed, and raises an error if it is not a valid address
        location = next((value for name, value in answer.headers if name.lower() == b"location"), b"")
        return httpx.Response(
            answer.status,
            headers=[(name, value) for name, value in answer.headers if name.lower() != b"location"],
            stream=_Body(body),
            extensions={**answer.extensions, _LOCATION: location.decode("utf-8", errors="replace")},
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


class TooLargeError(Exception):
    """More bytes than allowed, before or after decompression."""


class BoundedDecoder:
    """Decodes ``Content-Encoding`` chunk by chunk and never holds more than ``limit`` bytes of the result.

    Args:
        encodings: value of the header; supports ``gzip``, ``deflate`` and ``identity``, at most two layers.
        limit: maximum size of the decompressed body in bytes.

    Raises:
        ValueError: an encoding is not supported.
    """

    def __init__(self, encodings: str, limit: int) -> None:
        names = [
            name for name in (part.strip().lower() for part in encodings.split(",")) if name not in {"", "identity"}
        ]
        unknown = [name for name in names if name not in {"gzip", "x-gzip", "deflate"}]
        if unknown or len(names) > MOST_ENCODING_LAYERS:
            raise ValueError(f"the body is encoded as {encodings!r}, which was not requested")
        self._layers = [_Inflater(name, limit) for name in reversed(names)]
        self._limit = limit
        self.body = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Process the next bytes from the network.

        Raises:
            TooLargeError: the body is larger than the limit.
            zlib.error: the bytes are corrupt.
        """
        for layer in self._layers:
            chunk = layer.inflate(chunk)
        self.body += chunk
        if len(self.body) > self._limit:
            raise TooLargeError

    def finish(self) -> bytes:
        """The whole body.

        Raises:
            zlib.error: the compressed stream ends too early.
        """
        if any(layer.unfinished for layer in self._layers):
            raise zlib.error("the compressed body ends too early")
        return bytes(self.body)


class _Inflater:
    def __init__(self, name: str, limit: int) -> None:
        self._gzip = name != "deflate"
        self._limit = limit
        self._produced = 0
        self._started = False
        self._inflate = zlib.decompressobj(31 if self._gzip else 15)

    @property
    def unfinished(self) -> bool:
        return self._started and not self._inflate.eof

    def inflate(self, data: bytes) -> bytes:
        result = bytearray()
        while data:
            if self._inflate.eof:
                if not (self._gzip and data[:1] == b"\x1f"):  # zeros after the last member are padding
                    break
                self._inflate = zlib.decompressobj(31)
            try:
                result += self._inflate.decompress(data, self._limit + 1 - self._produced)
            except zlib.error:
                if self._gzip or self._started:
                    raise
                # some servers send deflate without its zlib header
                self._inflate = zlib.decompressobj(-15)
                result += self._inflate.decompress(data, self._limit + 1 - self._produced)
            self._started = True
            self._produced += len(result)
            if self._produced > self._limit or self._inflate.unconsumed_tail:
                raise TooLargeError
            data = self._inflate.unused_data if self._inflate.eof else b""
        return bytes(result)


@dataclass
class Fetcher:
    """Fetches resources of public sites; can be used from several threads at once.

    Args:
        settings: limits, user agent, and the hosts that may be private.
        network: opens the connections; by default a ``CheckedNetwork`` with the settings.
        ssl_context: trusted certificates; by default the well-known authorities.
        sleep: waits before a retry.
    """

    settings: CrawlSettings
    network: CheckedNetwork | None = None
    ssl_context: ssl.SSLContext | None = None
    sleep: Callable[[float], None] = time.sleep
    _client: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        network = self.network or CheckedNetwork(self.settings.allow_private_hosts)
        context = self.ssl_context or httpx.create_ssl_context(trust_env=False)
        self._client = httpx.Client(
            transport=_CheckedTransport(network, context, connections=2 * self.settings.parallel),
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": self.settings.user_agent, "Accept-Encoding": ACCEPT_ENCODING},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def fetch(
        self,
        url: str,
        *,
        deadline: float,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        wanted: Callable[[str], bool] | None = None,
        refusal: Callable[[str], str | None] | None = None,
        attempts: int | None = None,
    ) -> Fetched:
        """The answer of ``url`` after redirects; retried if the failure looks temporary.

        Args:
            url: an http or https address.
            deadline: ``time.monotonic()`` by which everything must end, including retries.
            headers: additional request headers.
            max_bytes: maximum size of the body, ``settings.max_page_bytes`` if ``None``.
            wanted: media type (may be empty) -> whether a successful body should be read.
            refusal: address -> why robots.txt forbids it, or ``None``; called before every redirect, too.
            attempts: maximum number of attempts, ``settings.attempts`` if ``None``.

        Raises:
            FetchError: no answer that could be read. An answer with an error status is returned, not raised.
        """
        retrying = Retrying(
            stop=stop_any(
                stop_after_attempt(attempts or self.settings.attempts),
                stop_before_delay(max(0.0, deadline - time.monotonic())),
            ),
            wait=self._wait,
            retry=retry_if_exception_type(_TemporaryError),
            sleep=self.sleep,
            before_sleep=note_retry,
            reraise=True,
        )
        try:
            return retrying(self._fetch_once, url, deadline, dict(headers or {}), max_bytes, wanted, refusal)
        except _TemporaryError as temporary:
            if isinstance(temporary.outcome, FetchError):
                raise temporary.outcome from None
            return temporary.outcome

    def _wait(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, _TemporaryError) and failure.retry_after is not None:
            return min(failure.retry_after, self.settings.max_retry_after_seconds)
        return self.settings.retry_wait_seconds * 2 ** (state.attempt_number - 1)

    def _fetch_once(
        self,
        url: str,
        deadline: float,
        headers: dict[str, str],
        max_bytes: int | None,
        wanted: Callable[[str], bool] | None,
        refusal: Callable[[str], str | None] | None,
    ) -> Fetched:
        hops: list[str] = []
        while True:
            try:
                url = normalise(url)
            except UrlRefusedError as refused:
                raise FetchError(url, str(refused), FailureKind.REFUSED) from None
            # a site that sets a cookie may redirect to the same address once; a second time is a loop
            if hops.count(url) > 1 or len(hops) > self.settings.max_redirects:
                raise FetchError(url, f"redirected in a loop or more than {self.settings.max_redirects} times")
            try:
                forbidden = refusal(url) if refusal else None
            except FetchError as unreachable:  # robots.txt is unreachable, so the page is, too
                raise FetchError(url, unreachable.reason, unreachable.kind) from None
            if forbidden:
                raise FetchError(url, forbidden, FailureKind.ROBOTS)
            hops.append(url)
            answer = self._exchange(url, deadline, headers, max_bytes, wanted)
            if isinstance(answer, Fetched):
                return replace(answer, hops=tuple(hops[:-1]))
            try:
                url = normalise(answer, url)
            except UrlRefusedError as refused:
                raise FetchError(url, f"redirects to {answer[:200]}: {refused}", FailureKind.REFUSED) from None

    def _exchange(
        self,
        url: str,
        deadline: float,
        headers: dict[str, str],
        max_bytes: int | None,
        wanted: Callable[[str], bool] | None,
    ) -> Fetched | str:
        """One request: returns the answer, or the address that it redirects to. Network failures become a ``FetchError``."""
        limit = max_bytes or self.settings.max_page_bytes
        try:
            with _until(deadline), self._client.stream("GET", url, headers=headers, timeout=self._timeouts()) as answer:
                media_type = answer.headers.get("content-type", "").split(";")[0].strip().lower()
                if answer.status_code in REDIRECT_STATUSES and answer.extensions[_LOCATION]:
                    return str(answer.extensions[_LOCATION])
                if wanted is not None and answer.is_success and not wanted(media_type):
                    raise FetchError(url, f"is {media_type or 'of unknown type'}, not a page", FailureKind.CONTENT)
                fetched = Fetched(url, answer.status_code, answer.headers, self._body(answer, limit))
        except (AddressRefusedError, httpx.InvalidURL) as refused:
            raise FetchError(url, str(refused), FailureKind.REFUSED) from None
        except NameUnknownError as unknown:
            raise FetchError(url, str(unknown)) from None
        except TooLargeError:
            raise FetchError(url, f"larger than {limit / 1e6:g} MB", FailureKind.LIMIT) from None
        except (zlib.error, ValueError) as damaged:
            raise FetchError(url, str(damaged), FailureKind.CONTENT) from None
        except (httpcore.TimeoutException, httpx.TimeoutException) as error:
            connecting = isinstance(error, (httpcore.ConnectTimeout, httpx.ConnectTimeout))
            kind = FailureKind.NETWORK if connecting else FailureKind.LIMIT
            slow = FetchError(url, "no connection in time" if connecting else "did not answer in time", kind)
            if time.monotonic() >= deadline:
                raise slow from None
            raise _TemporaryError(slow) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.TransportError, OSError) as error:
            failure = FetchError(url, _network_reason(error))
            if isinstance(error.__cause__, ssl.SSLCertVerificationError) or "CERTIFICATE" in str(error):
                raise failure from None
            raise _TemporaryError(failure) from None
        if fetched.status in TEMPORARY_STATUSES:
            raise _TemporaryError(fetched, _retry_after(fetched.headers.get("retry-after")))
        return fetched

    def _timeouts(self) -> httpx.Timeout:
        return httpx.Timeout(self.settings.max_page_seconds, connect=self.settings.connect_seconds)

    @staticmethod
    def _body(answer: httpx.Response, limit: int) -> bytes:
        declared = answer.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            raise TooLargeError
        decoder = BoundedDecoder(answer.headers.get("content-encoding", ""), limit)
        on_the_wire = 0
        for chunk in answer.iter_raw(_CHUNK):
            on_the_wire += len(chunk)
            if on_the_wire > limit:
                raise TooLargeError
            decoder.feed(chunk)
        return decoder.finish()


def _network_reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "CERTIFICATE" in text or "SSL" in text or "TLS" in text:
        return f"the secure connection failed ({text})"
    return f"the connection failed ({text})"


def _retry_after(value: str | None) -> float | None:
    """Seconds of a ``Retry-After`` header, which is a number of seconds or a date (RFC 9110)."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
