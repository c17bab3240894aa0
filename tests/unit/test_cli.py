"""The command line answers with exit codes and sentences, never with a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app

PROJECT = Path(__file__).resolve().parents[2]
RUN = CliRunner()


def test_help_names_every_command() -> None:
    told = RUN.invoke(app, ["--help"])
    assert told.exit_code == 0
    for command in ("demo", "read", "rules", "verify", "up", "doctor"):
        assert command in told.output


@pytest.mark.parametrize("count", ["0", "301", "many"])
def test_an_impossible_number_of_departments_is_refused(count: str, tmp_path: Path) -> None:
    told = RUN.invoke(app, ["demo", "--home", str(tmp_path / "x"), "--departments", count])
    assert told.exit_code == 2
    assert not (tmp_path / "x").exists()


def test_a_folder_that_is_not_there_does_not_verify(tmp_path: Path) -> None:
    told = RUN.invoke(app, ["verify", "--home", str(tmp_path / "nowhere")])
    assert told.exit_code == 1
    assert "没有数据目录" in told.output
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_without_a_database_does_not_verify_and_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIXIAO_DATABASE_URL", raising=False)
    (tmp_path / "letter.txt").write_text("其他文件", "utf-8")
    told = RUN.invoke(app, ["verify", "--home", str(tmp_path)])
    assert told.exit_code == 1
    assert "没有业务数据库" in told.output
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_an_empty_year_verifies(home: Path) -> None:
    told = RUN.invoke(app, ["verify", "--home", str(home)])
    assert told.exit_code == 0, told.output
    assert "全部一致" in told.output


def test_an_unknown_rule_set_is_one_sentence() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "flows.cli", "rules", "show", "no-such-rules"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode != 0
    assert "Traceback" not in told.stderr
    assert "no-such-rules" in told.stderr + told.stdout
