"""Backup and restore (备份与恢复): the database and every file of a data folder in one archive with its digests.

The database is copied consistently while the system runs (SQLite's own backup; pg_dump for PostgreSQL), and before the
files: a file is stored before a row names it, so whatever the copied database names is in the archive.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from tasks import clock, filestore, settings

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE_COPY = "database.sqlite"
POSTGRES_COPY = "database.pgdump"
# The Prefect server's own data can be made anew; the settings file holds passwords and is kept elsewhere.
# Kept files go in through the file store, wherever it lies; copies of them on this machine do not.
STORED = "files"
LEFT_OUT = frozenset(
    {"prefect", "jixiao.db", "jixiao.db-wal", "jixiao.db-shm", "jixiao.env", "up.lock", "cache", STORED}
)
BLOCK = 1024 * 1024


class BackupError(RuntimeError):
    """A backup that cannot be made or restored (备份或恢复失败); the message says why and what to do."""


@dataclass(frozen=True)
class Made:
    """What an archive holds (备份内容): number of files, their bytes, and the kind of database."""

    files: int
    size: int
    database: str


def backup(target: Path) -> Made:
    """Write database and files of the current data folder to ``target`` (备份), complete or not at all."""
    found = settings.current()
    home = found.home.resolve()
    if not home.is_dir():
        raise BackupError(f"没有数据目录 {home}，请核对路径。 There is no folder {home}.")
    if target.exists():
        raise BackupError(f"{target} 已存在，请换一个文件名；备份不会覆盖旧备份。 {target} exists already.")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(prefix="jixiao-backup-") as scratch:
            copy = _copy_database(found.resolved_database_url, Path(scratch))
            made = _write(part, home, copy, {target.resolve(), part.resolve()})
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return made


def restore(source: Path, home: Path) -> Made:
    """Put an archive back (恢复) into an empty ``home``, and its database at the current address; digests are checked.

    Nothing existing is overwritten: a folder with content, or a PostgreSQL database with tables, is refused.
    """
    if home.exists() and any(p.name not in ("jixiao.env", "up.lock") for p in home.iterdir()):
        raise BackupError(f"{home} 不是空目录，请恢复到一个新目录。 {home} is not empty: restore into a new folder.")
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=home) as scratch:
        folder = Path(scratch)
        manifest = _unpack(source, folder)
        _put_database(folder, manifest["database"])
        for path in sorted(folder.iterdir()):
            if path.name == STORED and settings.current().file_store:
                for file in sorted(path.glob("??/*")):
                    filestore.put(file.name, file.read_bytes())
            elif path.name not in (MANIFEST, SQLITE_COPY, POSTGRES_COPY):
                path.replace(home / path.name)
    files: dict[str, str] = manifest["files"]
    return Made(len(files), source.stat().st_size, manifest["database"])


def _copy_database(url: str, folder: Path) -> Path:
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        if not path.exists():
            raise BackupError(f"没有业务数据库 {path}，请核对数据目录。 There is no database {path}.")
        copy = folder / SQLITE_COPY
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as old, sqlite3.connect(copy) as new:
            old.backup(new)
        old.close()
        new.close()
        return copy
    copy = folder / POSTGRES_COPY
    _postgres("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
    return copy


def _write(part: Path, home: Path, copy: Path, own: set[Path]) -> Made:
    digests: dict[str, str] = {}
    with tarfile.open(part, "w:gz", compresslevel=6) as archive:
        _add(archive, copy, copy.name, digests)
        for path in _files(home, own):
            _add(archive, path, path.relative_to(home).as_posix(), digests)
        for sha256 in filestore.names():
            _add_bytes(archive, filestore.as_stored(sha256), f"{STORED}/{filestore.place_of(sha256)}", digests)
        kind = "sqlite" if copy.name == SQLITE_COPY else "postgresql"
        told = {"format": FORMAT, "made_at": clock.now().isoformat(), "database": kind, "files": digests}
        content = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(content)
        archive.addfile(entry, BytesIO(content))
    part.chmod(0o600)
    return Made(len(digests), part.stat().st_size, kind)


def _files(home: Path, own: set[Path]) -> Iterator[Path]:
    for path in sorted(home.rglob("*")):
        inside = path.relative_to(home)
        temporary = path.name.endswith(".part") or inside.parts[0].startswith(".")
        if inside.parts[0] in LEFT_OUT or temporary or path.is_symlink() or path.resolve() in own:
            continue
        if path.is_file():
            yield path


def _add(archive: tarfile.TarFile, path: Path, name: str, digests: dict[str, str]) -> None:
    """Add one file as it is at this moment (加入备份); one that vanishes meanwhile was temporary."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    _add_bytes(archive, content, name, digests, int(path.stat().st_mtime))


def _add_bytes(
    archive: tarfile.TarFile, content: bytes, name: str, digests: dict[str, str], at: int | None = None
) -> None:
    at = int(clock.now().timestamp()) if at is None else at
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = len(content), at, 0o600
    archive.addfile(entry, BytesIO(content))
    digests[name] = hashlib.sha256(content).hexdigest()


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack and compare every digest (解包并核对摘要); BackupError names the first thing that differs."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BackupError(f"{source} 不是完整的备份文件：{error}。 {source} is not a complete backup.") from error
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BackupError(f"{source} 中没有备份清单，备份不完整。 {source} has no manifest.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{source} 由更新的程序制作，请升级程序后恢复。 Made by a newer program: upgrade first.")
    for name, wanted in manifest["files"].items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            raise BackupError(f"备份中的 {name} 与清单的摘要不符，备份已损坏。 {name} in the backup is damaged.")
    return dict(manifest)


def _put_database(folder: Path, kind: str) -> None:
    url = settings.current().resolved_database_url
    sqlite = url.startswith("sqlite:///")
    if sqlite != (kind == "sqlite"):
        raise BackupError(
            f"备份中的数据库是 {kind}，而设置的业务数据库不是；请改 JIXIAO_DATABASE_URL 后再恢复。"
            f" The backup holds a {kind} database; set JIXIAO_DATABASE_URL accordingly."
        )
    if sqlite:
        path = Path(url.removeprefix("sqlite:///"))
        if path.exists():
            raise BackupError(f"业务数据库 {path} 已存在，不会覆盖。 The database {path} exists already.")
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / SQLITE_COPY, path)
        return
    _postgres(
        "pg_restore",
        url,
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        str(folder / POSTGRES_COPY),
    )


def _postgres(program: str, url: str, *words: str) -> None:
    """Run pg_dump or pg_restore (PostgreSQL 备份程序); the password goes through the environment, not the command line."""
    if shutil.which(program) is None:
        raise BackupError(f"没有找到 {program}，请安装 PostgreSQL 客户端程序。 {program} is not installed.")
    parsed = make_url(url).set(drivername="postgresql")
    environment = os.environ | ({"PGPASSWORD": parsed.password} if parsed.password else {})
    address = parsed.set(password=None).render_as_string(hide_password=False)
    done = subprocess.run(
        [program, f"--dbname={address}", *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BackupError(f"{program} 失败：{done.stderr.strip()[-600:]}")
