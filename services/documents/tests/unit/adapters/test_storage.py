"""The folder storage: written once, whole, read-only, checked on every read."""

import hashlib
import socket
import time
from datetime import date
from uuid import UUID

import pytest

from documents.adapters.storage import DiskStorage, key_of, storage_of
from documents.errors import StorageUnavailable, StoredFileChanged, StoredFileConflict, StoredFileMissing
from kontor.settings import load

DEAL = UUID("0195f3a0-0000-7000-8000-00000000000a")
CONTENT = b"%PDF-1.7 hello"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_the_key_names_kind_year_deal_number_and_hash():
    assert key_of("invoice", date(2026, 11, 12), DEAL, "INV-2026-0042", "ab" * 32) == (
        "invoice/2026/0195f3a0-0000-7000-8000-00000000000a/INV-2026-0042-abababababababab.pdf"
    )


@pytest.mark.parametrize("number", ["../../etc/passwd", "a/b", "..", "", "Nr. 1\n2"])
def test_a_number_never_leaves_its_folder(number):
    key = key_of("invoice", date(2026, 1, 1), DEAL, number, "ab" * 32)
    assert key.count("/") == 3
    assert not key.rpartition("/")[2].startswith(".")
    assert "\n" not in key


def test_what_is_stored_is_read_back_and_cannot_be_written(tmp_path):
    storage = DiskStorage(tmp_path)
    storage.put("invoice/2026/x/a.pdf", CONTENT)
    assert storage.get("invoice/2026/x/a.pdf", SHA256) == CONTENT
    assert (tmp_path / "invoice/2026/x/a.pdf").stat().st_mode & 0o222 == 0
    assert [path.name for path in (tmp_path / "invoice/2026/x").iterdir()] == ["a.pdf"]


def test_the_same_bytes_may_come_twice_other_bytes_never_replace_them(tmp_path):
    storage = DiskStorage(tmp_path)
    storage.put("a.pdf", CONTENT)
    storage.put("a.pdf", CONTENT)
    with pytest.raises(StoredFileConflict):
        storage.put("a.pdf", CONTENT + b"!")
    assert storage.get("a.pdf", SHA256) == CONTENT


def test_a_changed_or_missing_file_is_an_error_of_its_own(tmp_path):
    storage = DiskStorage(tmp_path)
    storage.put("a.pdf", CONTENT)
    (tmp_path / "a.pdf").chmod(0o640)
    (tmp_path / "a.pdf").write_bytes(b"other")
    with pytest.raises(StoredFileChanged):
        storage.get("a.pdf", SHA256)
    with pytest.raises(StoredFileMissing):
        storage.get("b.pdf", SHA256)


def test_a_key_outside_the_folder_does_not_exist(tmp_path):
    (tmp_path / "secret").write_bytes(CONTENT)
    storage = DiskStorage(tmp_path / "store")
    with pytest.raises(StoredFileMissing):
        storage.get("../secret", SHA256)


def test_a_folder_that_cannot_be_used_is_said_so(tmp_path):
    (tmp_path / "documents").write_text("a file where the folder should be")
    storage = DiskStorage(tmp_path / "documents")
    with pytest.raises(StorageUnavailable):
        storage.put("invoice/2026/x/a.pdf", CONTENT)
    with pytest.raises(StorageUnavailable):
        storage.get("invoice/2026/x/a.pdf", SHA256)


def test_an_object_store_that_takes_connections_and_never_answers_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("documents.adapters.storage.ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        environment = {
            "KONTOR_DATA": str(tmp_path),
            "KONTOR_SECRET_KEY": "a secret for tests",
            "S3_ENDPOINT": f"127.0.0.1:{mute.getsockname()[1]}",
            "S3_ACCESS_KEY": "key",
            "S3_SECRET_KEY": "secret",
            "S3_SECURE": "0",
        }
        storage = storage_of(load(environment))
        began = time.monotonic()
        with pytest.raises(StorageUnavailable):
            storage.put("invoice/2026/x/a.pdf", CONTENT)
    assert time.monotonic() - began < 5
