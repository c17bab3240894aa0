"""Encrypted sending: STARTTLS and SSL with a verified certificate, a login, and what is said when they fail."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from mail_kit import NOON, Catcher, found_year, login_required, self_signed, smtp_server, use_home
from sqlmodel import select

from models.records import AuditEvent, Cycle, Department, Letter, LetterMessage
from models.states import LetterKind, LetterState
from tasks import clock, filestore, settings, store
from tasks.mail.compose import queue
from tasks.mail.contexts import ReminderContext
from tasks.mail.outbox import send_due

PASSWORD = "correct-horse"


@pytest.fixture
def secure(tmp_path, monkeypatch) -> Iterator[Any]:
    authority, context = self_signed(tmp_path)
    catcher = Catcher()

    def start(port: int, security: str, **values: object) -> Catcher:
        base = {"smtp_port": port, "smtp_security": security, "smtp_ca_file": authority}
        base |= {"smtp_user": "pingjia", "smtp_password": PASSWORD}
        use_home(monkeypatch, tmp_path / "home", **(base | values))
        compose_one()
        return catcher

    with clock.fixed(NOON):
        yield start, catcher, context
    settings.current.cache_clear()


def compose_one() -> None:
    found_year(1)
    with store.session() as db:
        queue(
            db,
            cycle=db.exec(select(Cycle)).one(),
            kind=LetterKind.REMINDER,
            department=db.exec(select(Department)).one(),
            context=ReminderContext(deadline=date(2026, 4, 15), days_left=5),
        )


def the_letter() -> Letter:
    with store.session() as db:
        return db.exec(select(Letter)).one()


def test_starttls_with_login_and_own_authority(secure):
    start, catcher, context = secure
    with smtp_server(catcher, **login_required(context)) as port:
        start(port, "starttls")
        assert send_due().sent == 1
    assert len(catcher.mails) == 1
    with store.session() as db:
        kept = filestore.content_of(db.exec(select(LetterMessage)).one().sha256)
    assert kept == catcher.raw[0]
    assert not any(word in kept for word in (PASSWORD.encode(), b64encode(PASSWORD.encode()), b"AUTH"))


def test_ssl_from_the_first_byte(secure):
    start, catcher, context = secure
    with smtp_server(catcher, wrap=context) as port:
        start(port, "ssl", smtp_user="")
        assert send_due().sent == 1


def test_an_untrusted_certificate_stops_before_anything_is_sent(secure, tmp_path):
    start, catcher, context = secure
    (tmp_path / "other").mkdir()
    stranger, _ = self_signed(tmp_path / "other")
    with smtp_server(catcher, **login_required(context)) as port:
        start(port, "starttls", smtp_ca_file=stranger)
        report = send_due()
    assert (report.sent, report.waiting) == (0, 1)
    assert "未通过验证" in report.error
    assert the_letter().state is LetterState.APPROVED


def test_a_server_without_starttls_is_never_given_the_password(secure):
    start, catcher, _ = secure
    with smtp_server(catcher) as port:
        start(port, "starttls")
        report = send_due()
    assert (report.sent, report.waiting) == (0, 1)
    assert catcher.mails == []


def test_a_wrong_password_is_told_and_leaves_no_trace_of_it(secure, caplog):
    start, catcher, context = secure
    with smtp_server(catcher, **login_required(context)) as port:
        start(port, "starttls", smtp_password="wrong-secret-word")
        report = send_due()
    assert "拒绝登录" in report.error
    assert "pingjia" in report.error
    assert report.waiting == 1
    with store.session() as db:
        trail = " ".join(str(e.content()) for e in db.exec(select(AuditEvent)))
    assert "wrong-secret-word" not in report.error + caplog.text + trail + repr(settings.current())
