"""Every mail that ever left is kept as it left, is shown byte for byte, and nothing leaves that was not kept before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from mail_kit import NOON, Catcher, found_year, smtp_server, use_home
from sqlmodel import col, select

from models.records import AuditEvent, Contact, Cycle, Department, Letter, LetterMessage
from models.states import LetterKind, LetterState
from tasks import clock, filestore, settings, store, verification
from tasks.mail import outbox
from tasks.mail.compose import queue
from tasks.mail.contexts import NoticeContext
from tasks.stages import correspondence, correspondence_files

YEAR = 2025
FIRST = "d101@qh.example"


@pytest.fixture
def catcher(tmp_path, monkeypatch) -> Iterator[Catcher]:
    made = Catcher()
    with smtp_server(made) as port, clock.fixed(NOON):
        use_home(monkeypatch, tmp_path, smtp_port=port)
        yield made
    settings.current.cache_clear()


def queue_notices(departments: int = 1) -> None:
    found_year(departments)
    with store.session() as db:
        cycle = db.exec(select(Cycle)).one()
        for department in db.exec(select(Department).order_by(col(Department.code))).all():
            context = NoticeContext(document_number="青财绩〔2026〕3号", deadline=date(2026, 4, 15))
            files = [("附件.docx", b"PK\x03\x04" + department.code.encode() * 500)]
            queue(db, cycle=cycle, kind=LetterKind.NOTICE, department=department, context=context, attachments=files)


def entered() -> list[LetterMessage]:
    with store.session() as db:
        return list(db.exec(select(LetterMessage).order_by(col(LetterMessage.letter_id), col(LetterMessage.number))))


def kept() -> list[bytes]:
    return [filestore.content_of(row.sha256) for row in entered()]


def letter() -> Letter:
    with store.session() as db:
        return db.exec(select(Letter).order_by(col(Letter.id))).first()  # type: ignore[return-value]


def handed_over() -> list[Any]:
    with store.session() as db:
        found = db.exec(select(AuditEvent).where(AuditEvent.what == "letter.sending"))
        return [event.new["message"] for event in found.all() if event.new]


def differences() -> list[str]:
    return [line for line in verification.verify().differences if "邮件原文" in line]


def test_what_arrived_is_kept_and_handed_out_byte_for_byte(catcher):
    queue_notices(3)
    assert outbox.send_due().sent == 3
    assert sorted(kept()) == sorted(catcher.raw)
    assert all(row.size == len(content) for row, content in zip(entered(), kept(), strict=True))
    view, page = correspondence_files.lay_out(correspondence.ledger(YEAR, "101"), "101")
    [entry] = view.entries
    assert [file.name for file in entry.files] == ["函件.html", "邮件原文.eml", "附件.docx"]
    assert (page.parent / str(entry.files[1].place)).read_bytes() == catcher.raw[0]
    assert differences() == []


def test_one_letter_is_handed_out_by_its_number_and_a_number_nobody_has_is_said(catcher):
    queue_notices(2)
    outbox.send_due()
    whole = correspondence.ledger(YEAR)
    wanted = next(entry.number for entry in whole.entries if entry.code == "102")
    view, page = correspondence_files.lay_out(correspondence.only(whole, wanted), wanted)
    assert [entry.code for entry in view.entries] == ["102"]
    assert (page.parent / str(view.entries[0].files[1].place)).read_bytes() == catcher.raw[1]
    with pytest.raises(LookupError, match="发999"):
        correspondence.only(whole, "发999")


def test_a_retry_after_a_temporary_refusal_hands_over_the_same_bytes(catcher):
    queue_notices()
    catcher.at_data[FIRST] = ["452 full"]
    assert outbox.send_due().retry_later == 1
    [first] = kept()
    with clock.fixed(NOON + timedelta(hours=2)):
        assert outbox.send_due().sent == 1
    assert (kept(), catcher.raw) == ([first], [first])
    assert len(handed_over()) == 2 and len(set(handed_over())) == 1


def test_a_mail_that_waited_for_days_is_written_anew_under_the_same_message_id_and_both_are_kept(catcher):
    queue_notices()
    catcher.at_data[FIRST] = ["452 full"]
    outbox.send_due()
    with clock.fixed(NOON + timedelta(days=4)):
        assert outbox.send_due().sent == 1
    first, second = kept()
    assert first != second and catcher.raw == [second]
    assert all(letter().message_id.encode() in content for content in (first, second))
    assert b"10 Apr 2026" in first and b"14 Apr 2026" in second


def test_a_letter_to_a_corrected_address_has_both_mails_and_says_where_each_went(catcher):
    queue_notices()
    catcher.at_rcpt[FIRST] = ["550 no such user"]
    outbox.send_due()
    with store.session() as db:
        contact = db.exec(select(Contact).where(Contact.address == FIRST)).one()
        contact.address = "new101@qh.example"
        db.add(contact)
        db.flush()
        failed = db.exec(select(Letter)).all()
        outbox.readdress(db, failed, "王芳")
        outbox.approve(db, failed, "王芳")
    assert outbox.send_due().sent == 1
    assert [row.to_address for row in entered()] == [FIRST, "new101@qh.example"]
    assert catcher.raw == kept()[1:]
    [entry] = correspondence.ledger(YEAR, "101").entries
    assert entry.remark == f"邮件原文-1发往{FIRST}、邮件原文-2发往new101@qh.example"
    assert [file.name for file in entry.files][1:3] == ["邮件原文-1.eml", "邮件原文-2.eml"]


@pytest.mark.parametrize(
    "trouble", [OSError(28, "No space left on device"), filestore.UnreachableError("文件库 s3://jixiao 无法连接")]
)
def test_what_cannot_be_kept_does_not_leave_and_costs_no_letter(catcher, monkeypatch, trouble):
    queue_notices(2)

    def refuses(content: bytes) -> str:
        raise trouble

    with monkeypatch.context() as patched:
        patched.setattr(filestore, "keep", refuses)
        report = outbox.send_due()
    assert (report.sent, report.failed, report.waiting, catcher.attempts) == (0, 0, 2, [])
    assert str(trouble.args[-1]) in (report.error or "") and letter().attempts == 0
    assert outbox.send_due().sent == 2


def test_a_run_that_dies_between_keeping_and_sending_costs_nothing(catcher, monkeypatch):
    queue_notices()

    def dies(ready: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(outbox, "_claim", dies)
        outbox.send_due()
    assert (letter().state, entered()) == (LetterState.APPROVED, [])
    report = outbox.send_due()
    assert (report.sent, report.unknown, catcher.raw) == (1, 0, kept())
    assert differences() == []


def test_a_run_that_dies_after_the_claim_leaves_the_mail_that_may_have_gone(catcher, monkeypatch):
    queue_notices()

    def dies(self: object, to_address: str, content: bytes) -> object:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(outbox.Sender, "send", dies)
        outbox.send_due()
    assert outbox.send_due().orphaned == 1
    [maybe] = kept()
    with store.session() as db:
        outbox.settle_unknown(db, letter().id, delivered=False, who="李明", reason="电话核实，没有收到")
    assert outbox.send_due().sent == 1
    assert catcher.raw == kept() == [maybe], "the copy that may have gone and the one that did are one message"


def test_a_letter_taken_off_the_mail_meanwhile_is_not_sent(catcher, monkeypatch):
    queue_notices()
    prepare = outbox.messages.prepare

    def and_withdrawn(letter_id: int, fresh_for: timedelta) -> object:
        ready = prepare(letter_id, fresh_for)
        with store.session() as db:
            outbox.withdraw(db, db.exec(select(Letter)).all(), "李明", "通知有误")
        return ready

    monkeypatch.setattr(outbox.messages, "prepare", and_withdrawn)
    assert outbox.send_due().sent == 0
    assert (catcher.raw, entered(), letter().state) == ([], [], LetterState.WITHDRAWN)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("file gone", "不在文件库中"),
        ("row gone", "没有登记在该函件名下"),
        ("another mail", "不是审计日志记载发出的那一份"),
    ],
)
def test_a_kept_mail_that_is_gone_or_exchanged_is_named_by_verify(catcher, harm, said):
    queue_notices(2)
    outbox.send_due()
    with store.session() as db:
        row = db.exec(select(LetterMessage).order_by(col(LetterMessage.id))).first()
        assert row is not None
        if harm == "file gone":
            filestore.path_of(row.sha256).unlink()
        elif harm == "row gone":
            db.delete(row)
        elif harm == "another mail":
            row.sha256 = filestore.keep(b"another")
            db.add(row)
    assert any(said in line for line in differences())


def test_a_kept_mail_that_was_altered_is_named_by_verify(catcher):
    queue_notices()
    outbox.send_due()
    path = filestore.path_of(entered()[0].sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"Subject", b"Subjekt"))
    assert any(entered()[0].sha256 in line for line in verification.verify().differences)
