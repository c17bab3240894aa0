"""The database keeps what it is given, on SQLite and on PostgreSQL, and refuses what it cannot keep."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from models.records import AuditEvent, Cycle, Department, Judgement, Submission
from models.states import CycleState
from tasks import clock, settings, store


def a_cycle(year: int = 2025) -> Cycle:
    return Cycle(
        fiscal_year=year, county="清禾县", bureau="清禾县财政局", office="绩效评价股", ruleset_id="practice-2025",
        ruleset_digest="0" * 64, opened_at=clock.now(),
    )  # fmt: skip


def a_submission(db: store.Session) -> Submission:
    cycle = a_cycle()
    department = Department(code="101", name="清禾县教育局", stratum="社会事业")
    db.add(cycle)
    db.add(department)
    db.flush()
    submission = Submission(cycle_id=cycle.id, department_id=department.id)
    db.add(submission)
    db.flush()
    return submission


def test_migrating_twice_changes_nothing(database: str) -> None:
    store.migrate()
    with store.session() as db:
        db.add(a_cycle())
    store.migrate()
    with store.session() as db:
        assert [c.fiscal_year for c in db.exec(select(Cycle))] == [2025]


def test_workers_that_start_at_once_on_a_new_database_make_it_once(
    home: Path, fresh_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIXIAO_DATABASE_URL", fresh_postgres)
    settings.current.cache_clear()
    script = [sys.executable, "-P", "-c", "from tasks import store; store.migrate()"]
    workers = [subprocess.Popen(script, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [worker.communicate()[1][-400:] for worker in workers] == ["", ""]
    with store.session() as db:
        assert len(db.exec(text("SELECT version_num FROM alembic_version")).all()) == 1  # type: ignore[call-overload]
    store.engine(settings.current().resolved_database_url).dispose()


def test_the_migrations_make_exactly_the_tables_that_the_code_means(database: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlmodel import SQLModel

    with store.engine(settings.current().resolved_database_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_database_newer_than_the_code_is_refused_and_left_alone(database: str) -> None:
    with store.session() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(store.StoreError, match="9999"):
        store.migrate()
    with store.session() as db:
        assert db.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_an_unreachable_database_is_named_without_its_password(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIXIAO_DATABASE_URL", "postgresql://clerk:secret-word@127.0.0.1:1/jixiao")
    settings.current.cache_clear()
    with pytest.raises(store.StoreError) as refused:
        store.migrate()
    assert "127.0.0.1:1" in str(refused.value)
    assert "secret-word" not in str(refused.value)


@pytest.mark.parametrize("value", ["88.555", "0.00000001", "9999999999999999.99999999", "-3.10", "0", "1E+3"])
def test_a_decimal_comes_back_exactly(database: str, value: str) -> None:
    with store.session() as db:
        submission = a_submission(db)
        db.add(
            Judgement(
                submission_id=submission.id, rule="x", number=1, score=Decimal(value), reason="r", judged_by="a",
                judged_at=clock.now(),
            )
        )  # fmt: skip
    with store.session() as db:
        assert db.exec(select(Judgement)).one().score == Decimal(value)


def test_a_decimal_that_does_not_fit_is_refused_not_rounded(database: str) -> None:
    with pytest.raises(Exception, match="8 decimals"), store.session() as db:
        submission = a_submission(db)
        db.add(
            Judgement(
                submission_id=submission.id, rule="x", number=1, score=Decimal("0.000000001"), reason="r",
                judged_by="a", judged_at=clock.now(),
            )
        )  # fmt: skip
        db.flush()


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=8))
def test_every_decimal_of_eight_places_survives_sqlite(value: Decimal) -> None:
    from sqlalchemy.dialects import sqlite

    from models.records.base import ExactDecimal

    column, dialect = ExactDecimal(), sqlite.dialect()
    assert column.process_result_value(column.process_bind_param(value, dialect), dialect) == value


def test_a_moment_comes_back_as_the_same_moment_in_utc(database: str) -> None:
    moment = datetime(2026, 4, 8, 9, 30, 15, 123456, tzinfo=timezone(timedelta(hours=8)))
    with store.session() as db:
        cycle = a_cycle()
        cycle.opened_at = moment
        db.add(cycle)
    with store.session() as db:
        found = db.exec(select(Cycle)).one().opened_at
    assert found == moment
    assert found.tzinfo == UTC


def test_a_moment_without_time_zone_is_refused(database: str) -> None:
    with pytest.raises(Exception, match="no time zone"), store.session() as db:
        cycle = a_cycle()
        cycle.opened_at = datetime(2026, 4, 8, 9, 30)  # noqa: DTZ001  that is the point
        db.add(cycle)
        db.flush()


def test_foreign_keys_hold(database: str) -> None:
    with pytest.raises(IntegrityError), store.session() as db:
        db.add(Submission(cycle_id=4711, department_id=4711))
        db.flush()


def test_a_department_owes_one_submission_a_year(database: str) -> None:
    with pytest.raises(IntegrityError), store.session() as db:
        submission = a_submission(db)
        db.add(Submission(cycle_id=submission.cycle_id, department_id=submission.department_id))
        db.flush()


def test_states_are_stored_by_their_code(database: str) -> None:
    with store.session() as db:
        db.add(a_cycle())
    with store.session() as db:
        assert db.execute(text("SELECT state FROM cycle")).scalar_one() == "drafting"
        assert db.exec(select(Cycle)).one().state is CycleState.DRAFTING


def test_an_exception_leaves_neither_change_nor_audit_event(database: str) -> None:
    class PowerCutError(Exception):
        pass

    with pytest.raises(PowerCutError), store.session() as db:
        db.add(a_cycle())
        store.record(db, "甲", "cycle.opened", "2025")
        raise PowerCutError
    with store.session() as db:
        assert db.exec(select(Cycle)).all() == []
        assert db.exec(select(AuditEvent)).all() == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE auditevent SET who = '乙' WHERE number = 2",
        "DELETE FROM auditevent WHERE number = 2",
        'UPDATE auditevent SET new = \'{"score": "10"}\' WHERE number = 2',
    ],
)
def test_an_altered_audit_trail_is_noticed(database: str, tampering: str) -> None:
    with store.session() as db:
        for score in ("8", "9", "7"):
            store.record(db, "甲", "line.judged", "2025/101/x", None, {"score": score})
        assert store.broken_links(db) == []
    with store.session() as db:
        db.execute(text(tampering))
    with store.session() as db:
        assert store.broken_links(db) != []


def _write_events(url_home: str, who: str) -> None:
    import os

    os.environ["JIXIAO_HOME"] = url_home
    settings.current.cache_clear()
    for number in range(20):
        with store.session() as db:
            store.record(db, who, "test", str(number))


def test_processes_writing_at_once_lose_no_audit_event(home: Path) -> None:
    processes = [
        multiprocessing.get_context("spawn").Process(target=_write_events, args=(str(home), who)) for who in "甲乙"
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    with store.session() as db:
        assert len(db.exec(select(AuditEvent)).all()) == 40
        assert store.broken_links(db) == []
