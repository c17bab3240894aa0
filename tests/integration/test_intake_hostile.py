"""A hostile mailbox harms nothing and is explained; a collection that is killed goes on."""

from __future__ import annotations

import email.policy
import io
import mailbox
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_kit import NOON, found_year, use_home
from sqlmodel import col, select

from models.records import (
    AuditEvent,
    Cycle,
    Department,
    DrawRecord,
    Letter,
    Receipt,
    ReceivedFile,
    Review,
    Submission,
    SubmissionVersion,
)
from models.states import CycleState, LetterKind, LetterState, ReceiptOutcome
from tasks import clock, filestore, settings, store
from tasks.intake import collect
from tasks.mail.compose import queue
from tasks.mail.contexts import NoticeContext
from tasks.mail.outbox import board

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cycle_id(tmp_path, monkeypatch) -> Iterator[int]:
    with clock.fixed(NOON):
        use_home(monkeypatch, tmp_path)
        settings.current().mailbox_folder.parent.mkdir(parents=True)
        mailbox.Maildir(settings.current().mailbox_folder)
        yield found_year(30)
    settings.current.cache_clear()


def mail(code: str = "101", files: tuple[tuple[str, bytes], ...] = (("报告.docx", b"report"),), **heads: str) -> bytes:
    message = EmailMessage()
    heads = {"From": f"d{code}@qh.example", "Subject": f"【绩效2025-{code}】自评材料"} | heads
    for name, value in heads.items():
        message[name.replace("_", "-")] = value
    message.set_content("见附件")
    for name, content in files:
        message.add_attachment(content, "application", "octet-stream", filename=name)
    return message.as_bytes()


def deliver(raw: bytes) -> None:
    mailbox.Maildir(settings.current().mailbox_folder).add(raw)


def last_receipt() -> Receipt:
    with store.session() as db:
        return db.exec(select(Receipt).order_by(col(Receipt.id).desc())).first()


def only_letter(kind: LetterKind) -> Letter:
    with store.session() as db:
        return db.exec(select(Letter).where(Letter.kind == kind)).one()


def test_a_spoofed_sender_that_our_server_saw_through_stays_out(cycle_id):
    deliver(b"Authentication-Results: mx.czj.example; dmarc=fail header.from=qh.example\r\n" + mail())
    collect(cycle_id)
    assert last_receipt().outcome is ReceiptOutcome.QUARANTINED
    assert "伪造" in last_receipt().reason


def test_an_answer_goes_to_the_registered_contact_and_never_to_the_sender(cycle_id):
    deliver(mail(files=(("setup.exe", b"MZ"),), Reply_To="attacker@evil.example"))
    collect(cycle_id)
    letter = only_letter(LetterKind.CORRECTION)
    assert letter.to_address == "d101@qh.example"
    assert "setup.exe" in letter.text
    assert last_receipt().outcome is ReceiptOutcome.QUARANTINED


def test_an_unknown_sender_gets_no_answer_at_all(cycle_id):
    deliver(mail(files=(("setup.exe", b"MZ"),), From="who@evil.example"))
    collect(cycle_id)
    with store.session() as db:
        assert db.exec(select(Letter)).all() == []


def test_a_bomb_is_refused_quickly_and_explained(cycle_id):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("报告.docx", b"0" * 200_000_000)
    deliver(mail(files=(("材料.zip", packed.getvalue()),)))
    started = time.process_time()
    collect(cycle_id)
    assert time.process_time() - started < 3
    assert "压缩炸弹" in last_receipt().reason
    assert "压缩炸弹" in only_letter(LetterKind.CORRECTION).text


def test_a_file_over_the_limit_is_set_aside_and_the_department_told(cycle_id):
    deliver(mail(files=(("大文件.docx", b"x" * 52_500_000),)))
    collect(cycle_id)
    assert "50MB的大小限制" in last_receipt().reason
    assert "50MB的大小限制" in only_letter(LetterKind.CORRECTION).text


def test_winmail_beside_a_report_does_not_spoil_the_report(cycle_id):
    deliver(mail(files=(("winmail.dat", b"tnef"), ("报告.docx", b"report"))))
    report = collect(cycle_id)
    assert len(report.received) == 1
    assert "winmail.dat" in last_receipt().reason


def test_injection_in_names_reaches_neither_headers_nor_files_nor_markup(cycle_id):
    nasty = '=HYPERLINK("http://evil.example")<script>alert(1)</script>.docx'
    with store.session() as db:
        department = db.exec(select(Department).where(Department.code == "101")).one()
        department.name = "交通局\r\nBcc: all@evil.example<script>"
        db.add(department)
    for _ in range(2):
        deliver(mail(files=((nasty, b"report"),)))
        collect(cycle_id)
    with store.session() as db:
        names = [f.name for f in db.exec(select(ReceivedFile))]
    assert all(not set(n) & set('/\\<>:"|?*\r\n') for n in names)
    letter = only_letter(LetterKind.DUPLICATE)
    assert "<script" not in letter.html
    assert "\n" not in letter.subject + letter.to_name
    assert (settings.current().home / "files").exists()


def test_automatic_answers_and_copies_of_our_letters_start_no_loop(cycle_id):
    with store.session() as db:
        department = db.exec(select(Department).where(Department.code == "101")).one()
        context = NoticeContext(document_number="1", deadline=NOON.date())
        cycle = db.exec(select(Cycle)).one()
        sent = queue(db, cycle=cycle, kind=LetterKind.NOTICE, department=department, context=context).message_id
    deliver(mail(files=(), Auto_Submitted="auto-replied"))
    deliver(mail(files=(), Subject="自动回复：出差在外"))
    deliver(mail(From="pingjia@czj.example", Message_ID=sent))
    report = collect(cycle_id)
    assert len(report.ignored) == 3
    with store.session() as db:
        assert len(db.exec(select(Letter)).all()) == 1


def test_what_an_office_system_sends_with_attachments_is_material(cycle_id):
    deliver(mail(Auto_Submitted="auto-generated"))
    assert len(collect(cycle_id).received) == 1


def test_what_the_bureau_forwards_to_itself_waits_for_a_person(cycle_id):
    deliver(mail(From="pingjia@czj.example"))
    assert len(collect(cycle_id).quarantined) == 1


def test_a_letter_without_attachments_is_noted_with_its_words(cycle_id):
    deliver(mail(files=()))
    report = collect(cycle_id)
    assert len(report.ignored) == 1
    assert "见附件" in last_receipt().reason


def test_a_bounce_is_shown_on_its_letter_and_on_the_board(cycle_id):
    with store.session() as db:
        cycle = db.exec(select(Cycle)).one()
        department = db.exec(select(Department).where(Department.code == "105")).one()
        context = NoticeContext(document_number="1", deadline=NOON.date())
        letter = queue(db, cycle=cycle, kind=LetterKind.NOTICE, department=department, context=context)
        letter.state, letter.sent_at = LetterState.SENT, NOON
        message_id = letter.message_id
    deliver(
        f"""From: MAILER-DAEMON@mx.czj.example
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

could not be delivered
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.czj.example

Final-Recipient: rfc822; d105@qh.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown
--B
Content-Type: text/rfc822-headers

Message-ID: {message_id}
--B--
""".encode()
    )
    report = collect(cycle_id)
    assert len(report.bounces) == 1
    assert "user unknown" in only_letter(LetterKind.NOTICE).error
    with store.session() as db:
        row = next(r for r in board(db, db.exec(select(Cycle)).one()) if r.code == "105")
    assert row.notified_on is None  # what came back told nobody
    assert "user unknown" in row.trouble[0]


def test_a_review_comes_from_its_reviewer_only(cycle_id):
    with store.session() as db:
        cycle = db.exec(select(Cycle)).one()
        cycle.state = CycleState.SPOT_CHECKING
        draw = DrawRecord(
            cycle_id=cycle_id, number=1, seed="1", record={}, digest="d", prepared_by="李明", drawn_at=NOON
        )
        db.add(draw)
        db.flush()
        submission = db.exec(select(Submission)).first()
        db.add(
            Review(draw_id=draw.id, submission_id=submission.id, reviewer="周宁", reviewer_address="Zhou@firm.example")
        )
    subject = "【绩效2025-101-复核】"
    deliver(mail(From="zhou@firm.example", Subject=subject, files=(("复核.xlsx", b"one"),)))
    deliver(mail(From="d101@qh.example", Subject=subject, files=(("复核.xlsx", b"two"),)))
    deliver(mail(From="zhou@firm.example", Subject=subject, files=(("复核.xlsx", b"one"),), X_Again="1"))
    report = collect(cycle_id)
    assert (len(report.reviews), len(report.quarantined), len(report.duplicates)) == (1, 1, 1)
    letter = only_letter(LetterKind.DUPLICATE)
    assert (letter.to_address, "【绩效2025-101-复核】" in letter.subject) == ("Zhou@firm.example", True)


def test_a_killed_collection_loses_nothing_and_doubles_nothing(cycle_id):
    for code in range(101, 131):
        deliver(mail(str(code), files=(("报告.docx", f"report {code}".encode()), ("表.xlsx", b"sheet" * 2000))))
    program = f"from tasks.intake import collect; collect({cycle_id})"
    for wanted in (5, 40, 75):
        child = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=os.environ.copy())
        while child.poll() is None:
            with store.session() as db:
                if len(db.exec(select(AuditEvent)).all()) >= wanted:
                    break
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
    collect(cycle_id)
    with store.session() as db:
        found = db.exec(select(Receipt)).all()
        versions = db.exec(select(SubmissionVersion)).all()
        files = db.exec(select(ReceivedFile)).all()
        assert store.broken_links(db) == []
    assert (len(found), len(versions), len(files)) == (30, 30, 60)
    assert {r.outcome for r in found} == {ReceiptOutcome.SUBMISSION}
    assert {v.number for v in versions} == {1}
    assert filestore.altered() == []


def test_what_came_before_the_deadline_is_in_time_however_late_it_is_collected(cycle_id):
    deliver(mail())
    [path] = (settings.current().mailbox_folder / "new").glob("*")
    os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    with clock.fixed(NOON + timedelta(days=20)):
        collect(cycle_id)
    with store.session() as db:
        [version] = db.exec(select(SubmissionVersion)).all()
    assert (version.received_on, version.days_late) == (NOON.date(), 0)


def test_raw_mail_is_kept_byte_for_byte(cycle_id):
    raw = mail()
    deliver(raw)
    collect(cycle_id)
    kept = filestore.content_of(last_receipt().sha256)
    assert email.message_from_bytes(kept, policy=email.policy.default)["Subject"] == "【绩效2025-101】自评材料"
    assert kept == next((settings.current().mailbox_folder / "new").glob("*")).read_bytes()


def test_a_hook_that_fails_on_hostile_bytes_holds_up_nobody(cycle_id):
    deliver(mail("101"))

    def broken(content: bytes) -> str | None:
        raise ValueError("not a workbook")

    report = collect(cycle_id, fingerprint=broken)
    assert (len(report.received), report.errors) == (1, [])


def test_a_delivery_whose_bytes_are_gone_is_named_and_the_others_go_on(cycle_id, monkeypatch):
    deliver(mail("101"))
    deliver(mail("102"))
    real = filestore.content_of
    lost = []

    def one_lost(sha256: str) -> bytes:
        if not lost:
            lost.append(sha256)
        if sha256 == lost[0]:
            raise FileNotFoundError(f"文件库中缺少文件 {sha256}")
        return real(sha256)

    with monkeypatch.context() as patch:
        patch.setattr(filestore, "content_of", one_lost)
        report = collect(cycle_id)
    assert len(report.received) == 1
    assert "仍为待处理" in report.errors[0]
    assert len(collect(cycle_id).received) == 1
