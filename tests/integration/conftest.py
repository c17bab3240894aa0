"""The small practice year that the flow tests share."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

YearAt = Callable[..., "year_kit.Year"]  # noqa: F821  imported only by those who ask for a year


# The first test that asks for the year waits for it, on a busy machine for minutes.
SECONDS_WITH_A_YEAR = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that need the small year the time to have it built."""
    for item in items:
        if "stages" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(SECONDS_WITH_A_YEAR))


@pytest.fixture(scope="session")
def stages(prefect_harness: None, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The small year, run once through the real flows: a folder with a copy of its data at every stage.

    Test processes that run side by side share it; who comes second waits.
    """
    import year_kit

    base = tmp_path_factory.getbasetemp()
    root = (base if worker_id == "master" else base.parent) / "small-year"
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "stages" / "closed").exists():
            shutil.rmtree(root, ignore_errors=True)
            year_kit.build(root)
    return root / "stages"


@pytest.fixture
def year_at(stages: Path, tmp_path: Path) -> Iterator[YearAt]:
    """Opens a copy of the small year at a stage and a moment: ``year_at("collecting", on(4, 1))``."""
    import year_kit

    with contextlib.ExitStack() as put_away:

        def open_at(stage: str, moment: datetime) -> year_kit.Year:
            home = tmp_path / "year"
            shutil.copytree(stages / stage, home)
            year = put_away.enter_context(year_kit.opened(home))
            year.at(moment)
            return year

        yield open_at
    shutil.rmtree(tmp_path / "year", ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_year_at(request: pytest.FixtureRequest, stages: Path, tmp_path: Path) -> Iterator[YearAt]:
    """The same on SQLite and on PostgreSQL."""
    import year_kit

    from tasks import store

    with contextlib.ExitStack() as put_away:

        def open_at(stage: str, moment: datetime) -> year_kit.Year:
            home = tmp_path / "year"
            shutil.copytree(stages / stage, home)
            url = request.getfixturevalue("fresh_postgres") if request.param == "postgresql" else ""
            year = put_away.enter_context(year_kit.opened(home, url))
            if url:
                year_kit.move_to_postgres(home, url)
                (home / "jixiao.db").unlink()
                store.migrate()
            year.at(moment)
            return year

        yield open_at
    shutil.rmtree(tmp_path / "year", ignore_errors=True)
