"""The file store in an S3-compatible bucket: over real HTTP to a server on loopback, with the promises of a folder."""

from __future__ import annotations

import builtins
import socket
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.commands import doctor
from models.records import Receipt
from models.states import Channel, ReceiptOutcome
from tasks import backup, clock, filestore, secrets, settings, store, verification
from tasks.filestore import bucket

KEY, SECRET = "office-key", "geheim-0123456789"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A real S3 server on loopback; its address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def objects(s3: str, home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """A bucket of its own that the settings point to; a plain client that looks at it from outside."""
    import boto3

    name = f"bureau-{abs(hash(request.node.name))}"
    client = boto3.client(
        "s3", endpoint_url=s3, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    client.create_bucket(Bucket=name)
    values = {"FILE_STORE": f"s3://{name}/2025", "S3_ENDPOINT": s3, "S3_ACCESS_KEY": KEY, "S3_SECRET_KEY": SECRET}
    for variable, value in values.items():
        monkeypatch.setenv(f"JIXIAO_{variable}", value)
    settings.current.cache_clear()
    return Outside(client, name)


class Outside:
    """The bucket as its owner sees it."""

    def __init__(self, client: Any, name: str) -> None:
        self.client, self.name = client, name

    def held(self) -> dict[str, str]:
        """Every key with the moment it was written."""
        found = self.client.list_objects_v2(Bucket=self.name).get("Contents", [])
        return {entry["Key"]: str(entry["LastModified"]) + entry["ETag"] for entry in found}

    def put(self, sha256: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=f"2025/{sha256[:2]}/{sha256}", Body=content)

    def delete(self, sha256: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=f"2025/{sha256[:2]}/{sha256}")


def test_what_is_kept_lies_in_the_bucket_under_its_digest_and_comes_back(objects: Outside, home: Path) -> None:
    digest = filestore.keep("绩效".encode())
    assert list(objects.held()) == [f"2025/{digest[:2]}/{digest}"]
    assert filestore.content_of(digest) == "绩效".encode()
    assert list(filestore.names()) == [digest]
    assert not (home / "files").exists(), "nothing is kept beside the bucket"


def test_keeping_again_writes_nothing(objects: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = filestore.keep(b"once")
    before = objects.held()
    monkeypatch.setattr(bucket.Bucket, "write", lambda *_: pytest.fail("written twice"))
    assert filestore.keep(b"once") == digest
    assert objects.held() == before


def test_a_lost_or_altered_object_is_never_handed_out(objects: Outside) -> None:
    gone, changed, good = filestore.keep(b"gone"), filestore.keep(b"one"), filestore.keep(b"two")
    objects.delete(gone)
    objects.put(changed, b"One")
    assert filestore.altered() == [changed]
    with pytest.raises(filestore.LostError, match=rf"缺少文件 {gone}.*从备份恢复 s3://"):
        filestore.content_of(gone)
    with pytest.raises(filestore.LostError, match=rf"{changed} 已被改动"):
        filestore.content_of(changed)
    with pytest.raises(filestore.LostError, match="已被改动"):
        filestore.path_of(changed)
    assert filestore.content_of(good) == b"two"


def test_who_needs_a_path_gets_a_copy_that_is_checked_every_time(objects: Outside, home: Path) -> None:
    digest = filestore.keep(b"report")
    copy = filestore.path_of(digest)
    assert copy.read_bytes() == b"report" and copy.is_relative_to(home / "cache")
    copy.write_bytes(b"broken copy")
    assert filestore.path_of(digest).read_bytes() == b"report"
    objects.delete(digest)
    assert filestore.path_of(digest).read_bytes() == b"report", "a good copy needs no network"
    copy.unlink()
    with pytest.raises(filestore.LostError):
        filestore.path_of(digest)


def test_other_objects_in_the_bucket_are_no_files_of_ours(objects: Outside) -> None:
    digest = filestore.keep(b"ours")
    for key in (f"other/{digest[:2]}/{digest}", "2025/readme.txt", f"2025/xx/{digest}", f"2025/.trial.{digest}"):
        objects.client.put_object(Bucket=objects.name, Key=key, Body=b"theirs")
    assert list(filestore.names()) == [digest]
    assert filestore.altered() == []


def test_files_on_every_page_of_the_listing_are_named(objects: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "PAGE", 2)
    wanted = sorted(filestore.digest_of(str(number).encode()) for number in range(5))
    for sha256 in wanted:
        objects.put(sha256, b"")
    assert sorted(filestore.names()) == wanted


def _receipt(sha256: str) -> None:
    with store.session() as db:
        from models.records import Cycle
        from models.states import CycleState

        year = Cycle(
            fiscal_year=2025, county="清禾县", bureau="清禾县财政局", office="绩效评价股", state=CycleState.COLLECTING,
            ruleset_id="practice-2025", ruleset_digest="0" * 64, opened_at=clock.now(),
        )  # fmt: skip
        db.add(year)
        db.flush()
        db.add(
            Receipt(
                cycle_id=year.id, channel=Channel.MAILBOX, origin="1", sha256=sha256, size=1,
                received_at=clock.now(), outcome=ReceiptOutcome.PENDING,
            )
        )  # fmt: skip


def test_verification_names_what_is_missing_and_what_is_altered(objects: Outside) -> None:
    kept, other = filestore.keep(b"letter"), filestore.keep(b"form")
    _receipt(kept)
    assert verification.verify().differences == ()
    objects.delete(kept)
    objects.put(other, b"Form")
    found = verification.verify().differences
    assert found == (f"文件 {other} 的内容与摘要不符。", f"台账中的文件 {kept} 不在文件库中。")


def test_a_backup_holds_the_bucket_and_goes_back_into_another_kind_of_store(
    objects: Outside, home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = filestore.keep(b"original")
    filestore.path_of(digest)
    archive = tmp_path_factory.mktemp("kept") / "one.tar.gz"
    backup.backup(archive)
    with tarfile.open(archive) as opened:
        names = opened.getnames()
    assert f"files/{digest[:2]}/{digest}" in names
    assert not [name for name in names if name.startswith("cache")]
    objects.delete(digest)
    _restore(archive, tmp_path_factory.mktemp("bucket") / "office", monkeypatch)
    assert list(objects.held()) == [f"2025/{digest[:2]}/{digest}"]
    assert filestore.content_of(digest) == b"original"
    folder = tmp_path_factory.mktemp("folder")
    monkeypatch.setenv("JIXIAO_FILE_STORE", str(folder / "elsewhere"))
    _restore(archive, folder / "office", monkeypatch)
    assert filestore.path_of(digest) == folder / "elsewhere" / digest[:2] / digest
    monkeypatch.setenv("JIXIAO_FILE_STORE", "")
    _restore(archive, folder / "plain", monkeypatch)
    assert filestore.path_of(digest).is_relative_to(folder / "plain" / "files")


def _restore(archive: Path, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIXIAO_HOME", str(office))
    settings.current.cache_clear()
    backup.restore(archive, office)
    store.engine(settings.current().resolved_database_url).dispose()


def test_doctor_writes_and_reads_a_trial_object_and_leaves_none(objects: Outside) -> None:
    answer = doctor._files()
    assert answer.fine and objects.name in answer.told
    assert objects.held() == {}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"FILE_STORE": "s3://nobody-has-this/x"}, "NoSuchBucket"),
        ({"S3_ENDPOINT": "closed"}, "无法连接"),
        ({"FILE_STORE": "s3:bucket"}, "无法识别"),
        ({"S3_ENDPOINT": "not an address"}, "无法识别"),
    ],
)
def test_a_store_that_cannot_be_used_is_explained_without_its_keys(
    objects: Outside, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], told: str
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{probe.getsockname()[1]}"
    for name, value in change.items():
        monkeypatch.setenv(f"JIXIAO_{name}", closed if value == "closed" else value)
    settings.current.cache_clear()
    answer = doctor._files()
    assert not answer.fine and answer.needed
    assert told in answer.told
    with pytest.raises(filestore.UnusableError) as caught:
        filestore.keep(b"x")
    chain = repr(caught.value) + repr(caught.value.__cause__) + repr(settings.current())
    assert SECRET not in chain


def test_without_the_client_library_the_lock_to_install_is_named(
    objects: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] in ("boto3", "botocore"):
            raise ImportError(name)
        return real(name, *rest, **more)

    bucket._client.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    answer = doctor._files()
    assert not answer.fine and "requirements-s3.lock" in answer.told
    assert (settings.PROJECT_ROOT / bucket.LOCK).is_file()


def test_the_client_library_is_not_imported_for_a_folder(home: Path) -> None:
    import subprocess
    import sys

    script = "import sys, tasks.filestore; tasks.filestore.check(); sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", script], check=False).returncode == 0


def test_a_folder_that_cannot_be_written_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = home / "a-file"
    blocked.write_bytes(b"")
    monkeypatch.setenv("JIXIAO_FILE_STORE", str(blocked / "files"))
    settings.current.cache_clear()
    answer = doctor._files()
    assert not answer.fine and "不可写" in answer.told
    monkeypatch.setenv("JIXIAO_FILE_STORE", str(home / "shared"))
    settings.current.cache_clear()
    assert doctor._files().fine
    assert list((home / "shared").iterdir()) == []
    kept = filestore.path_of(filestore.keep(b"x"))
    assert kept.is_relative_to(home / "shared") and stat.S_ISREG(kept.stat().st_mode)


def test_a_secret_key_out_of_a_prefect_block_reaches_the_server_and_no_message(
    objects: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = {"jixiao-s3": "from-the-block"}

    def held_in(name: str) -> str:
        if name not in blocks:
            raise secrets.SecretUnavailableError(f"读不到 Prefect 密钥块“{name}”")
        return blocks[name]

    monkeypatch.setattr(secrets, "held_in", held_in)
    monkeypatch.setenv("JIXIAO_S3_SECRET_KEY_BLOCK", "jixiao-s3")
    settings.current.cache_clear()
    credentials = bucket.opened(settings.current()).client._request_signer._credentials
    assert (credentials.access_key, credentials.secret_key) == (KEY, "from-the-block")
    assert filestore.content_of(filestore.keep(b"with block keys")) == b"with block keys"
    monkeypatch.setenv("JIXIAO_S3_SECRET_KEY_BLOCK", "no-such-block")
    settings.current.cache_clear()
    answer = doctor._files()
    assert not answer.fine and "no-such-block" in answer.told and SECRET not in answer.told
