"""The database makes no difference to a practice year."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import SECONDS, Year, jixiao

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.lengthy, pytest.mark.timeout(SECONDS)]


def test_the_same_year_on_postgresql_has_the_same_results(
    request: pytest.FixtureRequest, fresh_postgres: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    done = jixiao("demo", "--home", str(home), JIXIAO_DATABASE_URL=fresh_postgres)
    there = Year(home, done.stdout + done.stderr, done.returncode)
    assert there.code == 0, there.output
    assert not (home / "jixiao.db").exists()
    # Asked for only now: another test process may have run it in the meantime.
    year: Year = request.getfixturevalue("year")
    assert there.results == year.results
    assert there.letter_names() == year.letter_names()
    assert there.brought_names() == year.brought_names()
    assert jixiao("verify", "--home", str(home), JIXIAO_DATABASE_URL=fresh_postgres).returncode == 0
