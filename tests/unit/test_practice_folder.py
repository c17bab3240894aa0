"""The practice year refuses a folder or a database it must not play in, with a sentence in both languages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tasks import settings, store
from tasks.practice import world
from tasks.practice.world import Plan, PracticeError


def test_two_practice_years_never_run_in_one_folder(tmp_path: Path) -> None:
    year = tmp_path / "year"
    again = pytest.raises(PracticeError, match="已有一个演练正在运行")
    with world.sole_user(year), again, world.sole_user(year):
        pass
    with world.sole_user(year):
        pass


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.touch()
    with pytest.raises(PracticeError, match="请用 --home 指定一个可写的文件夹"), world.sole_user(taken):
        pass


def test_a_damaged_record_of_the_year_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "practice.json").write_text('{"plan": {"depart', "utf-8")
    with pytest.raises(PracticeError, match="已损坏"):
        world.remember_plan(tmp_path, Plan(12, 2025, None))


def test_real_documents_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match="不是文件夹"):
        world.documents_folder(tmp_path / "nowhere")
    assert world.documents_folder(None) is None
    assert world.documents_folder(tmp_path) == tmp_path.resolve()


@pytest.mark.parametrize("address", ["rubbish", "mysql://user:secret@host/name", "nosuch://x"])
def test_an_unknown_database_address_is_a_sentence_without_the_password(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIXIAO_HOME", str(tmp_path))
    monkeypatch.setenv("JIXIAO_DATABASE_URL", address)
    settings.current.cache_clear()
    try:
        with pytest.raises(store.StoreError, match="JIXIAO_DATABASE_URL") as refused:
            store.migrate()
    finally:
        settings.current.cache_clear()
    assert "secret" not in str(refused.value)


def test_reading_does_not_depend_on_the_working_directory(tmp_path: Path) -> None:
    """A folder that holds a package named like one of ours must not shadow it."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "__init__.py").write_text("raise ImportError('the wrong package')\n", "utf-8")
    (tmp_path / "report.docx").write_bytes(b"no report")
    script = Path(sys.executable).parent / "jixiao"
    done = subprocess.run([script, "read", "report.docx"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert "the wrong package" not in done.stdout + done.stderr
    assert "report.docx" in done.stdout + done.stderr
