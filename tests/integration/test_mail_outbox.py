"""The outbox against real SMTP servers on loopback: every letter exactly once, or honestly unknown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from mail_kit import NOON, Catcher, found_year, smtp_server, use_home
from sqlmodel import col, select

from models.records import AuditEvent, Contact, Cycle, Department, Letter, LetterAttachment
from models.states import LetterKind, LetterState
from models.transitions import ForbiddenTransitionError
from tasks import clock, filestore, settings, store
from tasks.mail import outbox
from tasks.mail.compose import ComposeError, queue
from tasks.mail.contexts import EscalationContext, NoticeContext


@pytest.fixture
def catcher(tmp_path, monkeypatch) -> Iterator[Catcher]:
    made = Catcher()
    with smtp_server(made) as port, clock.fixed(NOON):
        use_home(monkeypatch, tmp_path, smtp_port=port)
        yield made
    settings.current.cache_clear()


def queue_notices(cycle_id: int, *, approved: bool = True, attachments=()) -> None:
    with store.session() as db:
        cycle = db.exec(select(Cycle).where(Cycle.id == cycle_id)).one()
        for department in db.exec(select(Department).order_by(col(Department.code))).all():
            queue(
                db,
                cycle=cycle,
                kind=LetterKind.NOTICE,
                department=department,
                context=NoticeContext(document_number="青财绩〔2026〕3号", deadline=date(2026, 4, 15)),
                attachments=attachments,
                approved=approved,
            )


def letters() -> dict[str, Letter]:
    with store.session() as db:
        return {letter.to_address: letter for letter in db.exec(select(Letter).order_by(col(Letter.id)))}


def test_a_notice_arrives_intact_with_chinese_names(catcher):
    cycle_id = found_year(1)
    files = [("附件1：青禾县第101局自评表.xlsx", b"PK\x03\x04 workbook"), ("通知（正式）.ofd", b"ofd")]
    queue_notices(cycle_id, attachments=files)
    report = outbox.send_due()
    assert (report.sent, report.waiting, report.error) == (1, 0, None)
    [mail] = catcher.mails
    assert mail["Subject"] == "【绩效2025-101】关于开展2025年度预算绩效自评和评价工作的通知"
    assert mail["From"].addresses[0].display_name == "青禾县财政局绩效评价股"
    assert mail["To"].addresses[0].addr_spec == "d101@qh.example"
    assert mail["To"].addresses[0].display_name == "经办101"
    assert [(a.get_filename(), a.get_content_disposition()) for a in mail.iter_attachments()] == [
        ("附件1：青禾县第101局自评表.xlsx", "attachment"),
        ("通知（正式）.ofd", "attachment"),
    ]
    assert next(mail.iter_attachments()).get_content() == b"PK\x03\x04 workbook"
    assert "2026年4月15日" in mail.get_body(("plain",)).get_content()
    assert "<h1" in mail.get_body(("html",)).get_content()
    assert mail["Message-ID"] == letters()["d101@qh.example"].message_id


def test_sending_again_sends_nothing(catcher):
    cycle_id = found_year()
    queue_notices(cycle_id)
    assert outbox.send_due().sent == 3
    queue_notices(cycle_id)
    assert outbox.send_due().sent == 0
    assert len(catcher.mails) == 3


def test_a_batch_uses_one_connection(catcher):
    queue_notices(found_year(20))
    assert outbox.send_due().sent == 20
    assert len(catcher.connections) == 1


def test_a_permanent_refusal_fails_one_letter_and_no_other(catcher):
    queue_notices(found_year())
    catcher.at_rcpt["d102@qh.example"] = ["550 5.1.1 no such user"]
    report = outbox.send_due()
    assert (report.sent, report.failed) == (2, 1)
    failed = letters()["d102@qh.example"]
    assert failed.state is LetterState.FAILED
    assert "550" in failed.error


def test_a_temporary_refusal_is_tried_again_later_and_not_before(catcher):
    queue_notices(found_year())
    catcher.at_rcpt["d102@qh.example"] = ["451 greylisted"]
    assert outbox.send_due().retry_later == 1
    assert outbox.send_due().sent == 0
    with clock.fixed(NOON + timedelta(minutes=6)):
        assert outbox.send_due().sent == 1
    assert len(catcher.to("d102@qh.example")) == 1


def test_temporary_refusals_end_after_the_last_attempt(catcher):
    queue_notices(found_year(1))
    catcher.at_data["d101@qh.example"] = ["452 full"] * 9
    for day in range(8):
        with clock.fixed(NOON + timedelta(days=day)):
            outbox.send_due()
    found = letters()["d101@qh.example"]
    assert (found.state, found.attempts) == (LetterState.FAILED, 6)


def test_a_cut_before_the_mail_left_is_mended_in_the_same_run(catcher):
    queue_notices(found_year())
    catcher.at_rcpt["d102@qh.example"] = ["cut"]
    report = outbox.send_due()
    assert (report.sent, report.unknown) == (3, 0)
    assert len(catcher.connections) == 2
    assert len(catcher.mails) == 3


def test_a_cut_after_the_mail_left_is_unknown_and_never_sent_again_by_itself(catcher):
    queue_notices(found_year())
    catcher.at_data["d102@qh.example"] = ["cut"]
    report = outbox.send_due()
    assert (report.sent, report.unknown) == (2, 1)
    assert outbox.send_due().sent == 0
    assert len(catcher.to("d102@qh.example")) == 1
    unknown = letters()["d102@qh.example"]
    assert unknown.state is LetterState.UNKNOWN
    with store.session() as db:
        outbox.settle_unknown(db, unknown.id, delivered=True, who="李明", reason="电话核实，已收到")
    assert letters()["d102@qh.example"].state is LetterState.SENT


def test_an_unreachable_server_loses_nothing(catcher, monkeypatch):
    queue_notices(found_year())
    monkeypatch.setenv("JIXIAO_SMTP_PORT", "1")
    settings.current.cache_clear()
    report = outbox.send_due()
    assert (report.sent, report.waiting) == (0, 3)
    assert "无法连接发信服务器 127.0.0.1:1" in report.error
    assert {found.state for found in letters().values()} == {LetterState.APPROVED}
    assert {found.attempts for found in letters().values()} == {0}


def test_a_draft_waits_for_approval_and_a_dry_run_sends_nothing(catcher):
    queue_notices(found_year(), approved=False)
    assert outbox.send_due().sent == 0
    with store.session() as db:
        assert outbox.approve(db, db.exec(select(Letter)).all(), "王芳") == 3
        assert outbox.approve(db, db.exec(select(Letter)).all(), "王芳") == 0
    assert outbox.send_due(dry_run=True).waiting == 3
    assert not catcher.mails
    assert outbox.send_due(limit=2).sent == 2
    assert outbox.send_due().sent == 1


def test_a_letter_left_in_sending_by_a_dead_run_goes_to_a_person(catcher):
    queue_notices(found_year(1))
    with store.session() as db:
        letter = db.exec(select(Letter)).one()
        letter.state, letter.sending_at = LetterState.SENDING, NOON
        db.add(letter)
    report = outbox.send_due()
    assert (report.sent, report.unknown, report.orphaned) == (0, 1, 1)
    assert letters()["d101@qh.example"].state is LetterState.UNKNOWN


def test_every_change_of_a_letter_is_on_the_audit_trail(catcher):
    queue_notices(found_year(1))
    outbox.send_due()
    with store.session() as db:
        assert [e.what for e in db.exec(select(AuditEvent))] == ["letter.composed", "letter.sending", "letter.sent"]
        assert store.broken_links(db) == []


def test_a_server_that_wants_a_new_connection_gets_one(catcher):
    queue_notices(found_year())
    catcher.at_rcpt["d102@qh.example"] = ["421 too many messages in this connection"]
    assert outbox.send_due().sent == 3
    assert len(catcher.connections) == 2


def test_a_refusal_after_the_mail_was_read_is_a_refusal(catcher):
    queue_notices(found_year())
    catcher.at_data["d102@qh.example"] = ["554 5.7.1 spam"]
    report = outbox.send_due()
    assert (report.sent, report.failed, report.unknown) == (2, 1, 0)


def test_a_failed_letter_goes_to_the_corrected_address(catcher):
    queue_notices(found_year())
    catcher.at_rcpt["d102@qh.example"] = ["550 no such user"]
    outbox.send_due()
    with store.session() as db:
        contact = db.exec(select(Contact).where(Contact.address == "d102@qh.example")).one()
        contact.address = "new102@qh.example"
        db.add(contact)
        db.flush()
        failed = db.exec(select(Letter).where(Letter.state == LetterState.FAILED)).all()
        assert outbox.readdress(db, failed, "王芳") == 1
        assert outbox.approve(db, failed, "王芳") == 1
    assert outbox.send_due().sent == 1
    assert len(catcher.to("new102@qh.example")) == 1


def test_a_sent_letter_cannot_be_withdrawn_and_a_withdrawn_one_is_not_sent(catcher):
    queue_notices(found_year())
    with store.session() as db:
        one = db.exec(select(Letter).where(Letter.to_address == "d101@qh.example")).all()
        assert outbox.withdraw(db, one, "王芳", "附件有误") == 1
    assert outbox.send_due().sent == 2
    with store.session() as db:
        sent = db.exec(select(Letter).where(Letter.state == LetterState.SENT)).all()
        with pytest.raises(ForbiddenTransitionError):
            outbox.withdraw(db, sent, "王芳", "附件有误")


def test_a_department_without_a_usable_address_is_named(catcher):
    found_year(1)
    with store.session() as db:
        contact = db.exec(select(Contact).where(Contact.address == "d101@qh.example")).one()
        contact.address = "d101@qh.example\r\nBcc: all@evil.example"
        db.add(contact)
    with pytest.raises(ComposeError, match="青禾县第101局"):
        queue_notices(1)


def test_an_escalation_goes_to_the_leader(catcher):
    found_year(1)
    with store.session() as db:
        letter = queue(
            db,
            cycle=db.exec(select(Cycle)).one(),
            kind=LetterKind.ESCALATION,
            department=db.exec(select(Department)).one(),
            context=EscalationContext(deadline=date(2026, 4, 15), days_late=6),
        )
    assert (letter.to_address, letter.to_name) == ("l101@qh.example", "领导101")
    assert "领导101同志：" in letter.text


def test_a_letter_that_cannot_be_written_as_a_mail_fails_alone(catcher):
    queue_notices(found_year())
    with store.session() as db:
        odd = db.exec(select(Letter).where(Letter.to_address == "d102@qh.example")).one()
        odd.to_address = "d102@qh.example\r\nRCPT TO:<all@evil.example>"
        db.add(odd)
    report = outbox.send_due()
    assert report.sent == 2
    assert all("evil" not in address for address in catcher.attempts)
    assert sum(1 for found in letters().values() if found.state is LetterState.FAILED) == 1


def test_a_lost_attachment_fails_its_letter_alone(catcher):
    queue_notices(found_year(), attachments=[("通知.docx", b"notice")])
    with store.session() as db:
        sha256 = db.exec(select(LetterAttachment)).first().sha256
    filestore.path_of(sha256).unlink()
    report = outbox.send_due()
    assert (report.sent, report.failed) == (0, 3)
    assert "文件库中缺少文件" in letters()["d101@qh.example"].error


def test_a_sender_the_server_does_not_take_costs_no_letter(catcher):
    queue_notices(found_year())
    catcher.at_mail = ["553 5.7.1 sender address rejected"]
    report = outbox.send_due()
    assert (report.sent, report.failed, report.waiting) == (0, 0, 3)
    assert "不接受发件地址 pingjia@czj.example" in (report.error or "")
    assert {letter.attempts for letter in letters().values()} == {0}
    assert (outbox.send_due().sent, len(catcher.mails)) == (3, 3)


def test_a_letter_too_large_for_the_server_fails_alone(catcher):
    queue_notices(found_year())
    catcher.at_mail = ["552 5.3.4 message size exceeds fixed limit"]
    report = outbox.send_due()
    assert (report.sent, report.failed, report.error) == (2, 1, None)


def test_message_ids_bear_the_senders_own_host(catcher):
    queue_notices(found_year(1))
    outbox.send_due()
    assert str(catcher.mails[0]["Message-ID"]).endswith("@czj.example>")
