"""The outbox and the intake on a real PostgreSQL, two runs at a time."""

from __future__ import annotations

import mailbox
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_kit import NOON, Catcher, found_year, smtp_server, use_home
from sqlalchemy import text
from sqlmodel import select

from models.records import Cycle, Department, Letter, Receipt, SubmissionVersion
from models.states import LetterKind, LetterState, ReceiptOutcome
from tasks import clock, settings, store
from tasks.mail.compose import queue
from tasks.mail.contexts import ReminderContext
from tasks.mail.lock import SENDER_LOCK
from tasks.mail.outbox import send_due

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def catcher(fresh_postgres, tmp_path, monkeypatch) -> Iterator[Catcher]:
    made = Catcher()
    with smtp_server(made) as port, clock.fixed(NOON):
        use_home(monkeypatch, tmp_path, smtp_port=port, database_url=fresh_postgres)
        yield made
        store.engine(settings.current().resolved_database_url).dispose()
    settings.current.cache_clear()


def run_twice(program: str) -> None:
    children = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=os.environ.copy()) for _ in range(2)]
    assert [child.wait(timeout=120) for child in children] == [0, 0]


def queue_reminders() -> None:
    with store.session() as db:
        cycle = db.exec(select(Cycle)).one()
        for department in db.exec(select(Department)).all():
            queue(
                db,
                cycle=cycle,
                kind=LetterKind.REMINDER,
                department=department,
                context=ReminderContext(deadline=date(2026, 4, 15), days_left=5),
            )


def test_two_senders_send_each_letter_once(catcher):
    found_year(30)
    queue_reminders()
    run_twice("from tasks.mail.outbox import send_due; send_due()")
    send_due()
    with store.session() as db:
        assert Counter(db.exec(select(Letter.state))) == Counter({LetterState.SENT: 30})
        assert store.broken_links(db) == []
    assert Counter(mail["Message-ID"] for mail in catcher.mails).most_common(1)[0][1] == 1


def test_a_sender_waits_for_nobody_while_another_holds_the_lock(catcher):
    found_year(1)
    queue_reminders()
    with store.engine(settings.current().resolved_database_url).connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": SENDER_LOCK})
        report = send_due()
        assert (report.sent, report.waiting) == (0, 1)
        assert "另一个发信任务" in report.error
        other.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": SENDER_LOCK})
    assert send_due().sent == 1


def test_two_collectors_enter_each_mail_once(catcher):
    cycle_id = found_year(20)
    settings.current().mailbox_folder.parent.mkdir(parents=True)
    box = mailbox.Maildir(settings.current().mailbox_folder)
    for code in range(101, 121):
        for _ in range(2):
            message = EmailMessage()
            message["From"], message["Subject"] = f"d{code}@qh.example", f"【绩效2025-{code}】"
            message.add_attachment(f"report {code}".encode(), "application", "octet-stream", filename="报告.docx")
            box.add(message)
    run_twice(f"from tasks.intake import collect; r = collect({cycle_id}); assert not r.errors, r.errors")
    with store.session() as db:
        outcomes = Counter(db.exec(select(Receipt.outcome)))
        assert len(db.exec(select(SubmissionVersion)).all()) == 20
        assert len(db.exec(select(Letter).where(Letter.kind == LetterKind.DUPLICATE)).all()) == 20
    assert outcomes == Counter({ReceiptOutcome.SUBMISSION: 20, ReceiptOutcome.DUPLICATE: 20})
