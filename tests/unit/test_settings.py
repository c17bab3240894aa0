"""Settings come from the environment, are checked, and keep their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from tasks.settings import Settings


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [n for n in os.environ if n.startswith("JIXIAO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JIXIAO_HOME", str(tmp_path))


def test_the_database_lies_in_the_home_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().resolved_database_url == f"sqlite:///{tmp_path.resolve() / 'jixiao.db'}"
    monkeypatch.setenv("JIXIAO_DATABASE_URL", "postgresql://a@b/c")
    assert Settings().resolved_database_url == "postgresql+psycopg://a@b/c"


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIXIAO_SMTP_PASSWORD", "secret-word")
    found = Settings()
    assert "secret-word" not in repr(found) + str(found.model_dump()) + found.model_dump_json()
    assert found.smtp_password.get_secret_value() == "secret-word"


@pytest.mark.parametrize(
    ("name", "value"), [("TIME_ZONE", "Mars/Olympus"), ("SMTP_PORT", "many"), ("SMTP_SECURITY", "perhaps")]
)
def test_a_wrong_setting_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"JIXIAO_{name}", value)
    with pytest.raises((ValidationError, ValueError, KeyError)):
        Settings()


def test_reviewers_keep_their_order_and_either_semicolon_parts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIXIAO_REVIEWERS", "甲 <a@x.example>；乙 <b@x.example>; ")
    assert Settings().reviewer_list == [("甲", "a@x.example"), ("乙", "b@x.example")]
