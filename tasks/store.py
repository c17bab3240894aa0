"""The database (业务数据库): the only place that makes engines and sessions, migrates and writes the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlmodel import Session, col, create_engine, select

import models.records
from models.records.audit import GENESIS, AuditEvent
from tasks import clock, settings

MIGRATIONS = Path(models.records.__file__).resolve().parent.parent / "migrations"
# Any number will do; it is the name of the lock that orders audit events on PostgreSQL.
AUDIT_LOCK = 7_202_511
MIGRATION_LOCK = 7_202_513


class StoreError(RuntimeError):
    """The database cannot be used (业务数据库不可用); the message says why and what to do, in Chinese and English."""


@lru_cache
def engine(url: str) -> Engine:
    """The engine for a database (数据库引擎), one per process and address."""
    made = create_engine(url, pool_pre_ping=True)
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _prepare_sqlite)
        # A read followed by a write loses updates of others unless the write lock is taken first.
        event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return made


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def session() -> Iterator[Session]:
    """One short transaction (一次短事务): committed at the end, rolled back on an exception.

    On SQLite it holds the write lock, so never send mail or read a document inside one.
    """
    with Session(engine(settings.current().resolved_database_url), expire_on_commit=False) as opened:
        yield opened
        opened.commit()


def _config(connection: Connection) -> Config:
    config = Config(str(MIGRATIONS / "alembic.ini"))
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def exists() -> bool:
    """Whether there is a database of ours (业务数据库是否存在). Creates nothing.

    Raises StoreError when the database cannot be reached.
    """
    url = settings.current().resolved_database_url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        return False
    _refuse_unknown_address(url)
    try:
        with engine(url).connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() is not None
    except OperationalError as error:
        raise _unreachable(url, error) from error


def migrate() -> None:
    """Bring the database to the form this code knows (升级数据库结构).

    Raises StoreError when the database cannot be reached, or is newer than the code; nothing is changed then.
    """
    url = settings.current().resolved_database_url
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    _refuse_unknown_address(url)
    try:
        with engine(url).connect() as connection:
            config = _config(connection)
            script = ScriptDirectory.from_config(config)
            found = MigrationContext.configure(connection).get_current_revision()
            if found is not None and found not in {r.revision for r in script.walk_revisions()}:
                raise StoreError(
                    f"业务数据库的结构版本（{found}）比本程序新，请升级程序后再运行；未做任何改动。"
                    f" The database is newer (revision {found}) than this program: upgrade the program; nothing was changed."
                )
            connection.rollback()
            if found != script.get_current_head():
                _upgrade(connection, config)
    except OperationalError as error:
        raise _unreachable(url, error) from error


def _upgrade(connection: Connection, config: Config) -> None:
    """Every step or none (升级)."""
    with _references_unchecked(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            # Workers of several machines start at once: the first upgrades, the others find it done.
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        command.upgrade(config, "head")
        if connection.dialect.name == "sqlite":
            broken = sorted({row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})
            if broken:
                raise StoreError(
                    f"业务数据库升级后有记录失去关联（{'、'.join(broken)}），升级已全部撤销，请联系系统维护人员。"
                    " Rows would have lost what they refer to: the upgrade was taken back as a whole."
                )


@contextmanager
def _references_unchecked(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, and would not let go of one that rows refer to (升级期间暂不检查外键)."""
    if connection.dialect.name != "sqlite":
        yield
        return
    plain = connection.connection.driver_connection
    assert plain is not None
    # Heeded outside a transaction only.
    plain.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        plain.execute("PRAGMA foreign_keys=ON")


def _unreachable(url: str, error: OperationalError) -> StoreError:
    shown = engine(url).url.render_as_string(hide_password=True)
    return StoreError(
        f"无法连接业务数据库 {shown}，请检查地址与网络，或运行 jixiao doctor。"
        f" Cannot reach the database {shown}: check address and network. ({' '.join(str(error.orig).split())[:200]})"
    )


def _refuse_unknown_address(url: str) -> None:
    try:
        known = engine(url).dialect.name in ("sqlite", "postgresql")
    except (ArgumentError, ImportError):
        known = False
    if not known:
        # The address itself may hold a password and is not shown.
        raise StoreError(
            "业务数据库地址（JIXIAO_DATABASE_URL）无法识别，应为 postgresql://用户:密码@主机/库名 或 sqlite:///文件路径。"
            " JIXIAO_DATABASE_URL is not understood: write postgresql://user:password@host/name or sqlite:///path."
        )


def record(db: Session, who: str, what: str, subject: str, old: Any = None, new: Any = None) -> AuditEvent:
    """Append one audit event (写审计日志) to the chain, inside the caller's transaction.

    ``old`` and ``new`` are small dicts of plain values; the caller's change and its event commit together or not at all.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": AUDIT_LOCK})
    last = db.exec(select(AuditEvent).order_by(col(AuditEvent.number).desc()).limit(1)).first()
    made = AuditEvent(
        number=last.number + 1 if last else 1,
        at=clock.now(),
        who=who,
        what=what,
        subject=subject,
        old=old,
        new=new,
        previous=last.digest if last else GENESIS,
        digest="",
    )
    made.digest = made.seal()
    db.add(made)
    db.flush()
    return made


def broken_links(db: Session) -> list[int]:
    """Numbers of audit events whose chain does not hold (审计链断点): altered, removed or inserted events."""
    broken: list[int] = []
    previous, expected = GENESIS, 1
    for found in db.exec(select(AuditEvent).order_by(col(AuditEvent.number))):
        if found.number != expected or found.previous != previous or found.seal() != found.digest:
            broken.append(found.number)
        previous, expected = found.digest, found.number + 1
    return broken


def export_audit(path: Path) -> int:
    """Write the audit trail as JSON lines (导出审计日志), one event a line, oldest first; returns their number."""
    with session() as db:
        events = [
            e.content() | {"digest": e.digest} for e in db.exec(select(AuditEvent).order_by(col(AuditEvent.number)))
        ]
    lines = "".join(json.dumps(e, ensure_ascii=False, sort_keys=True) + "\n" for e in events)
    temporary = path.with_suffix(".part")
    temporary.write_text(lines, "utf-8")
    temporary.replace(path)
    return len(events)
