"""A whole county at once, and a run that is killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from mail_kit import NOON, Catcher, found_year, smtp_server, use_home
from sqlmodel import col, select

from models.records import Cycle, Department, Letter
from models.states import LetterKind, LetterState
from tasks import clock, settings, store
from tasks.mail.compose import queue
from tasks.mail.contexts import NoticeContext
from tasks.mail.outbox import send_due

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def catcher(tmp_path, monkeypatch) -> Iterator[Catcher]:
    made = Catcher()
    with smtp_server(made) as port, clock.fixed(NOON):
        use_home(monkeypatch, tmp_path, smtp_port=port)
        yield made
    settings.current.cache_clear()


def queue_all(cycle_id: int) -> None:
    with store.session() as db:
        cycle = db.exec(select(Cycle).where(Cycle.id == cycle_id)).one()
        for department in db.exec(select(Department).order_by(col(Department.code))).all():
            queue(
                db,
                cycle=cycle,
                kind=LetterKind.NOTICE,
                department=department,
                context=NoticeContext(document_number="青财绩〔2026〕3号", deadline=date(2026, 4, 15)),
                attachments=[
                    ("通知.docx", b"notice" * 3000),
                    (f"{department.name}自评表.xlsx", department.code.encode() * 5000),
                ],
            )


def states() -> Counter[LetterState]:
    with store.session() as db:
        return Counter(db.exec(select(Letter.state)))


def arrivals(catcher: Catcher) -> Counter[str]:
    return Counter(mail["To"].addresses[0].addr_spec for mail in catcher.mails)


def test_three_hundred_notices_with_two_attachments_leave_over_one_connection(catcher):
    queue_all(found_year(300))
    report = send_due()
    assert (report.sent, report.waiting) == (300, 0)
    assert len(catcher.connections) == 1
    assert set(arrivals(catcher).values()) == {1}
    last = catcher.to("d400@qh.example")[0]
    assert [a.get_filename() for a in last.iter_attachments()] == ["通知.docx", "青禾县第400局自评表.xlsx"]
    assert len({mail["Message-ID"] for mail in catcher.mails}) == 300


def test_a_killed_run_sends_nothing_twice_and_the_next_one_goes_on(catcher):
    queue_all(found_year(80))
    for stop_after in (10, 35):
        before = len(catcher.mails)
        child = subprocess.Popen(
            [sys.executable, "-c", "from tasks.mail.outbox import send_due; send_due()"],
            cwd=ROOT,
            env=os.environ.copy(),
        )
        while len(catcher.mails) < before + stop_after and child.poll() is None:
            time.sleep(0.005)
        child.send_signal(signal.SIGKILL)
        child.wait()
    send_due()
    assert max(arrivals(catcher).values()) == 1
    found = states()
    assert found[LetterState.UNKNOWN] <= 2
    assert found[LetterState.SENT] + found[LetterState.UNKNOWN] == 80
    with store.session() as db:
        sent = db.exec(select(Letter).where(Letter.state == LetterState.SENT)).all()
    assert all(arrivals(catcher)[letter.to_address] == 1 for letter in sent)


def test_two_runs_at_once_do_not_meet(catcher):
    queue_all(found_year(60))
    command = [sys.executable, "-c", "from tasks.mail.outbox import send_due; send_due()"]
    children = [subprocess.Popen(command, cwd=ROOT, env=os.environ.copy()) for _ in range(2)]
    for child in children:
        assert child.wait(timeout=120) == 0
    send_due()
    assert states() == Counter({LetterState.SENT: 60})
    assert set(arrivals(catcher).values()) == {1}


def test_the_rate_limit_is_kept(catcher, monkeypatch):
    queue_all(found_year(4))
    monkeypatch.setenv("JIXIAO_MAIL_PER_MINUTE", "300")
    settings.current.cache_clear()
    started = time.monotonic()
    assert send_due().sent == 4
    assert time.monotonic() - started >= 0.6
