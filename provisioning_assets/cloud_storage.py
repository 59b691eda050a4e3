"""``gs://`` addresses: gcsfs with what a store on Cloud Storage needs beyond it.

``provisioning_assets/__init__.py`` registers ``BucketPath``, so that every ``UPath("gs://...")`` of every process of the project
is one; this module is imported when the first such path is made. Beyond gcsfs:

- credentials are the default ones or, with ``STORAGE_EMULATOR_HOST``, none. gcsfs itself would go on without any when it finds
  none, and the reader would be told that access is denied;
- listings are never kept: other processes write to the same bucket;
- an object is uploaded from the memory it is in, in one request, with the generation that it must replace;
- what goes wrong is told with the bucket's name and a remedy. gcsfs retries throttling, server errors and lost connections six
  times in about half a minute before that.
"""

import io
import json
import logging
import os
import re
from collections.abc import Callable, Coroutine
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

import aiohttp
from fsspec import register_implementation
from fsspec.asyn import _run_coros_in_chunks, sync
from gcsfs.core import GCSFileSystem, quote
from gcsfs.credentials import GoogleCredentials
from gcsfs.retry import HttpError
from upath.implementations.cloud import GCSPath

from provisioning_assets.cloud_storage_faults import EMULATOR_VARIABLE, FAULTS, cut_short, explained, missing_bucket
from provisioning_assets.errors import ProvisioningError

BYTES = "application/octet-stream"

TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=60)
"""Seconds to connect, and to wait for the next bytes. A large object may take longer in all. gcsfs has one limit of five minutes
for everything, and does not retry after it."""

AT_ONCE = 32
"""Requests that copy, delete or read many objects at the same time. Each takes 30 to 100 milliseconds, most of it waiting."""

AT_ONCE_IN_EMULATOR = 4
"""An emulator answers one request after the other. Those that it cannot queue are tried again after a second."""

GENERATION_HEADER = "x-goog-generation"

BEYOND_THE_END = "416"
"""Status when an object is shorter than the range that is asked for."""

# gcsfs logs each failure with its stack trace, and raises it as well.
logging.getLogger("gcsfs").setLevel(logging.CRITICAL)


class BucketFileSystem(GCSFileSystem):
    """The file system of ``gs://`` addresses. Paths are ``bucket/name``.

    Raises:
        ProvisioningError: by every method: no credentials, no such bucket, access denied, or no answer.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("use_listings_cache", False)
        kwargs.setdefault("requests_timeout", TIMEOUT)
        kwargs.setdefault("batch_size", AT_ONCE_IN_EMULATOR if os.environ.get(EMULATOR_VARIABLE) else AT_ONCE)
        # Credentials are looked for at the first request, which knows the bucket that they are needed for.
        self._needs_credentials = "token" not in kwargs and not os.environ.get(EMULATOR_VARIABLE)
        kwargs.setdefault("token", "anon")
        super().__init__(*args, **kwargs)
        self._remembered: dict[str, int] = {}

    async def _request(self, method: str, path: str, *args: str, **kwargs: Any) -> Any:
        bucket = args[0] if args else _bucket_in(path)
        try:
            if self._needs_credentials:
                found = GoogleCredentials(self.project, self.credentials.access, "google_default")
                self.credentials, self._needs_credentials = found, False
            return await super()._request(method, path, *args, **kwargs)
        except FileExistsError:
            raise  # a precondition does not hold
        except FileNotFoundError:
            if _is_about_the_bucket(method, path):
                raise missing_bucket(bucket) from None
            raise
        except FAULTS as error:
            if isinstance(error, HttpError) and str(error.code) == BEYOND_THE_END:
                raise
            raise explained(error, bucket) from error

    async def _info(self, path: str, generation: str | None = None, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002
        """What is known of an object, else of a folder. gcsfs asks for both at once, so it lists for every object."""
        path = _name(path)
        if "/" not in path:  # to ask for the bucket itself takes a right that is not needed for anything else
            return {"name": path, "size": 0, "type": "directory"}
        try:
            return await self._get_object(path)
        except FileNotFoundError:
            bucket, key, _ = self.split_path(path)
            return await self._get_directory_info(path, bucket, key, generation)

    async def _delete_files(self, files: list[str], batchsize: int) -> list[Any]:  # noqa: ARG002
        # One request an object: in gcsfs' batches, deletions that were denied are told in other words.
        return await _run_coros_in_chunks(
            [self._rm_file(file) for file in files], batch_size=self.batch_size, return_exceptions=True
        )

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any) -> Any:
        try:
            return await super()._cat_file(path, start, end, **kwargs)
        except HttpError:  # no byte of the range exists; on a file system nothing is read then
            return b""

    async def _rm_file(self, path: str, **kwargs: Any) -> None:
        await super()._rm_file(path, **kwargs)
        self._remembered.pop(_name(path), None)

    async def _pipe_file(  # pyright: ignore[reportIncompatibleMethodOverride]  callers name all but the first two
        self, path: str, data: bytes | memoryview, *, mode: str = "overwrite", content_type: str = BYTES
    ) -> None:
        await self._store(path, data, 0 if mode == "create" else None, content_type)

    async def _store(self, path: str, data: bytes | memoryview, generation: int | None, content_type: str) -> int:
        bucket, key, _ = self.split_path(path)
        answer = await self._call(
            "POST",
            f"{self._location}/upload/storage/v1/b/{quote(bucket)}/o",
            uploadType="media",
            name=key,
            ifGenerationMatch=None if generation is None else str(generation),
            headers={"Content-Type": content_type, "Content-Length": str(len(data))},
            data=_Body(data),
        )
        stored = json.loads(answer[1])
        if int(stored["size"]) != len(data):
            raise cut_short(bucket, key, len(data), int(stored["size"]))
        return int(stored["generation"])

    def _wait(self, work: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any, **named: Any) -> Any:
        return sync(self.loop, work, *arguments, **named)

    def is_object(self, path: str) -> bool:
        """Return whether there is an object of this name. It takes one request."""
        try:
            self._wait(self._get_object, _name(path))
        except FileNotFoundError:
            return False
        return True

    def store_object(
        self, path: str, data: bytes | memoryview, generation: int | None = None, content_type: str = BYTES
    ) -> int:
        """Write an object and return its new generation.

        Args:
            path: its name.
            data: its content.
            generation: the one that it must have now, 0 for no object; without it, any.
            content_type: tells a browser what it is.

        Raises:
            FileExistsError: it has another generation; nothing was written.
        """
        return self._wait(self._store, _name(path), data, generation, content_type)

    def delete_object(self, path: str, generation: int) -> None:
        """Delete an object of this generation.

        Raises:
            FileExistsError: it has another one.
            FileNotFoundError: it is gone.
        """
        bucket, key, _ = self.split_path(_name(path))
        self._wait(self._call, "DELETE", "b/{}/o/{}", bucket, key, ifGenerationMatch=str(generation))

    def content_and_generation(self, path: str) -> tuple[bytes, int | None]:
        """Return an object's content and, if the service says it, its generation. Raises FileNotFoundError."""
        headers, content = self._wait(self._call, "GET", self.url(_name(path)))
        generation = headers.get(GENERATION_HEADER)
        return content, None if generation is None else int(generation)

    def age_and_generation(self, path: str) -> tuple[float, int]:
        """Return the seconds since an object was written, by the service's own clock, and its generation.

        Raises FileNotFoundError.
        """
        bucket, key, _ = self.split_path(_name(path))
        headers, content = self._wait(self._call, "GET", "b/{}/o/{}", bucket, key)
        found = json.loads(content)
        age = parsedate_to_datetime(headers["Date"]) - self._parse_timestamp(found["updated"])
        return max(0.0, age.total_seconds()), int(found["generation"])  # the header has whole seconds

    def read_remembered(self, path: str) -> bytes:
        """Return an object's content; ``replace_remembered`` will then replace this generation only.

        Raises:
            FileNotFoundError: there is none; ``replace_remembered`` will then create it only.
        """
        name = _name(path)
        try:
            content, generation = self.content_and_generation(name)
        except FileNotFoundError:
            self._remembered[name] = 0
            raise
        self._remember(name, generation)
        return content

    def replace_remembered(self, path: str, data: bytes) -> None:
        """Write an object. If this process has read or written it before, it must be unchanged since then.

        Raises:
            ProvisioningError: somebody else has written or deleted it meanwhile; nothing was written.
        """
        name = _name(path)
        try:
            self._remember(name, self.store_object(name, data, self._remembered.get(name)))
        except FileExistsError:
            # After a lost answer gcsfs sends the content again, and the first upload has already changed the generation.
            content, generation = self._content_now(name)
            self._remember(name, generation)
            if content != data:
                raise ProvisioningError(
                    f"gs://{name} was written by another run after this run had read it; that version was kept.",
                    "Wait until the other run has ended, then run again: this run's changes are made on top of it.",
                ) from None

    def _content_now(self, name: str) -> tuple[bytes | None, int | None]:
        try:
            return self.content_and_generation(name)
        except FileNotFoundError:
            return None, None

    def _remember(self, name: str, generation: int | None) -> None:
        if generation is None:
            self._remembered.pop(name, None)
        else:
            self._remembered[name] = generation


# universal_pathlib and libraries that are given an address take the file system from here
register_implementation("gs", BucketFileSystem, clobber=True)
register_implementation("gcs", BucketFileSystem, clobber=True)


class BucketPath(GCSPath):
    """A path of a ``BucketFileSystem``: what ``UPath("gs://...")`` gives."""


class _Body(io.RawIOBase):
    """Bytes to upload, read a piece at a time. gcsfs and aiohttp would otherwise put copies of all of them together."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        piece = self._data[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Stay open: aiohttp closes it after each attempt, and the next attempt reads it again."""


def _name(path: str) -> str:
    return str(BucketFileSystem._strip_protocol(path)).rstrip("/")


def _bucket_in(path: str) -> str:
    found = re.search(r"(?:^|/)b/([^/?]+)", path)
    return unquote(found[1]) if found else "?"


def _is_about_the_bucket(method: str, path: str) -> bool:
    """Whether 404 says that the bucket is missing: when objects are listed or uploaded, no object needs to exist."""
    return (method == "GET" and path == "b/{}/o") or (method == "POST" and "/upload/" in path)
