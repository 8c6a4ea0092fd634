"""Where finished files lie: a folder (local or mounted) or an S3-compatible store. One interface.

A file is written once under a key that carries its hash, never overwritten, and every read checks
the hash.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from mimetypes import guess_type
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

import certifi
import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from kontor.settings import MissingSetting, Settings

from ..errors import StorageUnavailable, StoredFileChanged, StoredFileConflict, StoredFileMissing

CONNECTIONS = 10  # kept open; more are opened when more are needed at once
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
"""A store that does not answer must be given up long before the transaction that waits for it is ended."""


class Storage(Protocol):
    """What the service needs of a place for files."""

    backend: str

    def put(self, key: str, content: bytes) -> None:
        """Return once the bytes are durable under the key; the same bytes again are fine.

        Raises `StoredFileConflict` when other bytes lie there, `StorageUnavailable`.
        """

    def get(self, key: str, sha256: str) -> bytes:
        """The bytes under the key. Raises `StoredFileMissing`, `StoredFileChanged`, `StorageUnavailable`."""


def storage_of(settings: Settings) -> Storage:
    """S3 when an endpoint is configured, else ``<data>/documents``. Raises `MissingSetting`."""
    if settings.s3_endpoint:
        return S3Storage(settings)
    return DiskStorage(settings.data / "documents")


def key_of(kind: str, day: date, deal_uuid: UUID | None, number: str, sha256: str, suffix: str = ".pdf") -> str:
    """``<kind>/<year>/<deal_uuid>/<number>-<sha256 prefix>.pdf``; odd characters become ``_``."""
    name = re.sub(r"[^A-Za-z0-9.-]", "_", number).lstrip(".") or "document"
    return f"{kind}/{day.year}/{deal_uuid or 'none'}/{name}-{sha256[:16]}{suffix}"


def checked(key: str, content: bytes, sha256: str) -> bytes:
    """The content itself when it has the hash; raises `StoredFileChanged`."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StoredFileChanged(f"The stored file {key} was changed after it was stored.")
    return content


@contextmanager
def _in_use() -> Iterator[None]:
    """What a disk or a store raises when it is full, away or forbidden, as one refusal."""
    try:
        yield
    except (OSError, MinioException, urllib3.exceptions.HTTPError) as error:
        raise StorageUnavailable(error) from error


class DiskStorage:
    """Files below a folder: temporary file, fsync, rename, fsync of the folder; then read-only."""

    backend = "disk"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @_in_use()
    def put(self, key: str, content: bytes) -> None:
        target = self._path(key)
        if target.exists():
            if target.read_bytes() != content:
                raise StoredFileConflict(f"Another file already lies under {key}.")
            return
        self._make_folder(target.parent)
        draft = target.with_name(f".{uuid4().hex}.tmp")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), 0o440)
                os.fsync(file.fileno())
            draft.rename(target)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(target.parent)

    @_in_use()
    def get(self, key: str, sha256: str) -> bytes:
        try:
            content = self._path(key).read_bytes()
        except FileNotFoundError:
            raise StoredFileMissing(f"The stored file {key} is missing.") from None
        return checked(key, content, sha256)

    def _make_folder(self, folder: Path) -> None:
        """Like ``mkdir -p``, durable: each new folder's entry is synced in its parent."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(mode=0o750, exist_ok=True)
        _sync_folder(folder.parent)

    def _path(self, key: str) -> Path:
        path = (self._folder / key).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise StoredFileMissing(f"{key} is no key of this storage.")
        return path


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class S3Storage:
    """Objects in a bucket of any S3-compatible store; the bucket is made when it is missing."""

    backend = "s3"

    def __init__(self, settings: Settings) -> None:
        if not settings.s3_access_key or not settings.s3_secret_key:
            raise MissingSetting("S3_ENDPOINT is set, but S3_ACCESS_KEY or S3_SECRET_KEY is not.")
        endpoint = str(settings.s3_endpoint).split("://")[-1].rstrip("/")
        self._bucket = settings.s3_bucket
        self._region = settings.s3_region
        self._client = Minio(
            endpoint,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            secure=settings.s3_secure,
            region=settings.s3_region,
            http_client=urllib3.PoolManager(
                maxsize=CONNECTIONS,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
                retries=urllib3.Retry(total=1, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
                ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
            ),
        )
        self._bucket_seen = False

    @_in_use()
    def put(self, key: str, content: bytes) -> None:
        self._see_bucket()
        sha256 = hashlib.sha256(content).hexdigest()
        existing = self._read(key)
        if existing is not None:
            if existing != content:
                raise StoredFileConflict(f"Another object already lies under {key}.")
            return
        self._client.put_object(
            self._bucket,
            key,
            BytesIO(content),
            len(content),
            content_type=guess_type(key)[0] or "application/octet-stream",
            metadata={"sha256": sha256},
        )

    @_in_use()
    def get(self, key: str, sha256: str) -> bytes:
        content = self._read(key)
        if content is None:
            raise StoredFileMissing(f"The stored object {key} is missing.")
        return checked(key, content, sha256)

    def _read(self, key: str) -> bytes | None:
        response = None
        try:
            response = self._client.get_object(self._bucket, key)
            return bytes(response.read())
        except S3Error as error:
            if error.code in ("NoSuchKey", "NoSuchBucket"):
                return None
            raise
        finally:
            if response is not None:
                response.close()
                response.release_conn()

    def _see_bucket(self) -> None:
        if self._bucket_seen:
            return
        if not self._client.bucket_exists(self._bucket):
            try:
                self._client.make_bucket(self._bucket, location=self._region)
            except S3Error as error:
                if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                    raise
        self._bucket_seen = True
