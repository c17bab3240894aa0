"""Rehearsing a batch shows everything, sends nothing and changes nothing; a password may come from a Prefect block."""

from __future__ import annotations

from datetime import date

import pytest
from mail_kit import NOON, Catcher, found_year, login_required, self_signed, smtp_server, use_home
from prefect.blocks.system import Secret
from pydantic import SecretStr
from sqlmodel import select

from models.records import AuditEvent, Cycle, Department, Letter
from models.states import LetterKind, LetterState
from tasks import clock, secrets, settings, store
from tasks.mail.compose import queue
from tasks.mail.contexts import ReminderContext
from tasks.mail.outbox import send_due
from tasks.mail.rehearsal import rehearse


@pytest.fixture
def letters(tmp_path, monkeypatch):
    def compose(**values: object) -> int:
        use_home(monkeypatch, tmp_path / "home", **values)
        found_year(3)
        with store.session() as db:
            cycle = db.exec(select(Cycle)).one()
            for department in db.exec(select(Department)).all():
                context = ReminderContext(deadline=date(2026, 4, 15), days_left=5)
                queue(db, cycle=cycle, kind=LetterKind.REMINDER, department=department, context=context)
        return cycle.fiscal_year

    with clock.fixed(NOON):
        yield compose
    settings.current.cache_clear()


def count_of_events() -> int:
    with store.session() as db:
        return len(db.exec(select(AuditEvent)).all())


def test_a_rehearsal_lists_every_letter_and_sends_none(letters):
    catcher = Catcher()
    with smtp_server(catcher) as port:
        year = letters(smtp_port=port)
        before = count_of_events()
        found = rehearse(year)
    assert [row["说明"] for row in found.rows] == ["可发"] * 3
    assert found.error is None
    assert catcher.mails == []
    assert count_of_events() == before
    with store.session() as db:
        assert {letter.state for letter in db.exec(select(Letter)).all()} == {LetterState.APPROVED}


def test_a_rehearsal_names_what_keeps_the_letters_in_the_house(letters):
    year = letters(smtp_port=9)
    found = rehearse(year)
    assert len(found.rows) == 3
    assert found.error is not None
    assert "无法连接发信服务器" in found.sentence


def test_the_password_of_a_block_opens_the_server_and_stands_nowhere(letters, tmp_path, prefect_harness):
    authority, context = self_signed(tmp_path)
    Secret(value="correct-horse").save("mail-password", overwrite=True)
    catcher = Catcher()
    with smtp_server(catcher, **login_required(context)) as port:
        letters(
            smtp_port=port,
            smtp_security="starttls",
            smtp_ca_file=authority,
            smtp_user="pingjia",
            smtp_password_block="mail-password",
        )
        assert send_due().sent == 3
    assert "correct-horse" not in repr(settings.current())
    with store.session() as db:
        assert not any("correct-horse" in str(event) for event in db.exec(select(AuditEvent)).all())


def test_a_block_that_is_not_there_is_named_and_nothing_is_sent(letters, prefect_harness):
    catcher = Catcher()
    with smtp_server(catcher) as port:
        letters(smtp_port=port, smtp_user="pingjia", smtp_password_block="no-such-block")
        report = send_due()
    assert report.sent == 0
    assert report.waiting == 3
    assert "no-such-block" in (report.error or "")


def test_without_a_block_the_environment_is_asked():
    assert secrets.password(SecretStr("from-the-environment"), "") == "from-the-environment"
