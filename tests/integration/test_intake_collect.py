"""Intake from a Maildir and a drop folder into a real database: stored first, entered once, answered."""

from __future__ import annotations

import io
import mailbox
import os
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_kit import NOON, found_year, use_home
from sqlmodel import col, select

from models.records import Cycle, Department, Letter, Objection, Receipt, ReceivedFile, Submission, SubmissionVersion
from models.states import CycleState, LetterKind, LetterState, ReceiptOutcome, SubmissionState
from tasks import clock, filestore, settings, store
from tasks.intake import collect
from tasks.intake.quarantine import listing, release
from tasks.mail.token import Purpose


@pytest.fixture
def home(tmp_path, monkeypatch) -> Iterator[Path]:
    with clock.fixed(NOON):
        use_home(monkeypatch, tmp_path)
        mailbox.Maildir(
            settings.current().mailbox_folder.parent.mkdir(parents=True) or settings.current().mailbox_folder
        )
        yield tmp_path
    settings.current.cache_clear()


def mail(
    sender: str = "d101@qh.example",
    subject: str = "回复：【绩效2025-101】关于开展绩效自评的通知",
    files: tuple[tuple[str, bytes], ...] = (("自评报告.docx", b"report one"),),
    text: str = "材料见附件。",
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "pingjia@czj.example", subject
    message.set_content(text)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def deliver(message: EmailMessage | bytes) -> str:
    return mailbox.Maildir(settings.current().mailbox_folder).add(
        message if isinstance(message, bytes) else message.as_bytes()
    )


def drop(path: str, content: bytes) -> None:
    target = settings.current().inbox_folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def receipts() -> list[Receipt]:
    with store.session() as db:
        return list(db.exec(select(Receipt).order_by(col(Receipt.id))))


def versions() -> list[SubmissionVersion]:
    with store.session() as db:
        return list(db.exec(select(SubmissionVersion).order_by(col(SubmissionVersion.id))))


def state_of(code: str) -> SubmissionState:
    with store.session() as db:
        query = select(Submission).join(Department).where(Department.code == code)
        return db.exec(query).one().state


def letters(kind: LetterKind) -> list[Letter]:
    with store.session() as db:
        return list(db.exec(select(Letter).where(Letter.kind == kind)))


def set_cycle(state: CycleState) -> None:
    with store.session() as db:
        cycle = db.exec(select(Cycle)).one()
        cycle.state = state
        db.add(cycle)


def test_a_report_by_mail_becomes_version_one(home):
    cycle_id = found_year()
    deliver(mail())
    report = collect(cycle_id)
    assert (len(report.received), len(report.versions)) == (1, 1)
    [receipt] = receipts()
    assert (receipt.outcome, receipt.identified_by, receipt.sender) == (
        ReceiptOutcome.SUBMISSION,
        "主题标记",
        "d101@qh.example",
    )
    [version] = versions()
    assert (version.number, version.received_on, version.days_late) == (1, date(2026, 4, 10), 0)
    with store.session() as db:
        [file] = db.exec(select(ReceivedFile)).all()
    assert (file.name, filestore.content_of(file.sha256)) == ("自评报告.docx", b"report one")
    assert version.files == [file.id]
    assert state_of("101") is SubmissionState.RECEIVED


def test_collecting_again_changes_nothing_even_when_the_mail_was_read_meanwhile(home):
    cycle_id = found_year()
    key = deliver(mail())
    collect(cycle_id)
    box = mailbox.Maildir(settings.current().mailbox_folder)
    message = box[key]
    message.set_subdir("cur")
    message.add_flag("S")
    box[key] = message
    again = collect(cycle_id)
    assert again == type(again)()
    assert len(receipts()) == 1


def test_the_same_files_again_are_a_duplicate_and_are_answered(home):
    cycle_id = found_year()
    deliver(mail())
    collect(cycle_id)
    deliver(mail(subject="再发一次 【绩效2025-101】"))
    report = collect(cycle_id)
    assert len(report.duplicates) == 1
    assert len(versions()) == 1
    [letter] = letters(LetterKind.DUPLICATE)
    assert (letter.to_address, letter.state) == ("d101@qh.example", LetterState.APPROVED)
    assert "第1版" in letter.text


def test_a_changed_report_is_the_next_version(home):
    cycle_id = found_year()
    deliver(mail())
    collect(cycle_id)
    deliver(mail(files=(("自评报告.docx", b"report two"),)))
    collect(cycle_id)
    assert [v.number for v in versions()] == [1, 2]
    assert state_of("101") is SubmissionState.RESUBMITTED


def test_lateness_counts_working_days_and_respects_an_extension(home):
    cycle_id = found_year()
    with store.session() as db:
        extended = db.exec(select(Submission).join(Department).where(Department.code == "102")).one()
        extended.extended_to = date(2026, 4, 30)
        db.add(extended)
    with clock.fixed(NOON + timedelta(days=12)):
        for code in ("101", "102"):
            key = deliver(mail(sender=f"d{code}@qh.example", subject=f"【绩效2025-{code}】"))
            stamp = (NOON + timedelta(days=12)).timestamp()
            os.utime(next(settings.current().mailbox_folder.glob(f"*/{key}*")), (stamp, stamp))
        collect(cycle_id)
    assert [v.days_late for v in versions()] == [5, 0]


def test_after_scoring_started_material_is_kept_and_shown_but_not_entered(home):
    cycle_id = found_year()
    set_cycle(CycleState.SCORING)
    deliver(mail())
    report = collect(cycle_id)
    assert len(report.quarantined) == 1
    assert "评分已开始" in receipts()[0].reason
    assert versions() == []


def test_an_unknown_sender_is_quarantined_and_can_be_released_by_a_person(home):
    cycle_id = found_year()
    deliver(mail(sender="someone@mail.example"))
    assert len(collect(cycle_id).quarantined) == 1
    assert letters(LetterKind.CORRECTION) == []
    with store.session() as db:
        [waiting] = listing(db, cycle_id)
        assert "不是名册中的联系人" in waiting.reason
        assert waiting.perhaps == "青禾县第101局"
        department = db.exec(select(Department).where(Department.code == "101")).one()
        release(db, waiting.receipt_id, department, Purpose.MATERIAL, "李明", "电话核实，新任经办人")
    assert len(collect(cycle_id).received) == 1
    assert state_of("101") is SubmissionState.RECEIVED


def test_another_departments_token_goes_to_a_person(home):
    cycle_id = found_year()
    deliver(mail(subject="【绩效2025-102】自评材料"))
    collect(cycle_id)
    [receipt] = receipts()
    assert receipt.outcome is ReceiptOutcome.QUARANTINED
    assert "互相矛盾" in receipt.reason
    assert "102" in receipt.reason
    assert "101" in receipt.reason


def test_the_fingerprint_and_the_name_inside_are_asked(home):
    cycle_id = found_year()
    deliver(mail(subject="自评材料"))
    deliver(mail(sender="d102@qh.example", subject="自评材料", files=(("b.docx", b"other"),)))
    collect(
        cycle_id,
        fingerprint=lambda content: "【绩效2025-101】" if content == b"report one" else None,
        named_inside=lambda name, content: "第103局" if content == b"other" else None,
    )
    first, second = receipts()
    assert (first.outcome, first.identified_by) == (ReceiptOutcome.SUBMISSION, "工作簿指纹")
    assert second.outcome is ReceiptOutcome.QUARANTINED
    assert "103局" in second.reason


def test_files_dropped_together_are_one_version_and_unfinished_ones_wait(home):
    cycle_id = found_year()
    drop("101/自评报告.docx", b"report")
    drop("101/自评表.xlsx", b"workbook")
    drop("102局/自评报告.docx.part", b"half")
    drop("102局/~$自评报告.docx", b"lock")
    assert collect(cycle_id, settle_seconds=3600).received == []
    report = collect(cycle_id, settle_seconds=0)
    assert (len(report.received), len(report.versions)) == (2, 1)
    assert len(versions()[0].files) == 2
    assert (settings.current().inbox_folder / "101" / "自评报告.docx").exists()
    assert collect(cycle_id, settle_seconds=0).received == []


def test_answers_are_told_apart_by_the_suffix_of_the_token(home):
    cycle_id = found_year()
    set_cycle(CycleState.RECTIFYING)
    deliver(mail(subject="【绩效2025-101-整改】整改报告"))
    deliver(
        mail(sender="d102@qh.example", subject="Re: 【绩效2025-102-申诉】", files=(), text="对第3项有异议，理由如下。")
    )
    report = collect(cycle_id)
    assert (len(report.rectifications), len(report.objections)) == (1, 1)
    with store.session() as db:
        assert db.exec(select(Objection)).one().text == "对第3项有异议，理由如下。"


def test_a_zip_in_a_forwarded_mail_is_opened_with_gbk_names(home):
    cycle_id = found_year()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("BBBB.docx", b"inside")
    windows = packed.getvalue().replace(b"BBBB", "报告".encode("gbk"))
    inner = mail(files=(("材料.zip", windows),))
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "d101@qh.example", "转发：自评材料 【绩效2025-101】"
    outer.set_content("见转发的邮件")
    outer.add_attachment(inner)
    deliver(outer)
    collect(cycle_id)
    with store.session() as db:
        [file] = db.exec(select(ReceivedFile)).all()
    assert file.name == "报告.docx"
    assert len(versions()) == 1


def test_mail_of_a_year_that_overlaps_is_moved_to_that_year(home):
    older = found_year()
    with store.session() as db:
        first = db.exec(select(Cycle)).one()
        newer = Cycle(**(first.model_dump() | {"id": None, "fiscal_year": 2026, "state": CycleState.ISSUED}))
        first.state = CycleState.RECTIFYING
        db.add(newer)
        db.add(first)
        db.flush()
        newer_id = newer.id
    deliver(mail(subject="【绩效2025-101-整改】整改报告"))
    report = collect(newer_id)
    assert len(report.rectifications) == 1
    assert receipts()[0].cycle_id == older


def test_a_file_with_a_date_in_the_future_is_taken_in_and_dated_now(home):
    cycle_id = found_year()
    drop("101/自评报告.docx", b"report")
    ahead = NOON.timestamp() + 40 * 365 * 86400
    os.utime(settings.current().inbox_folder / "101" / "自评报告.docx", (ahead, ahead))
    assert len(collect(cycle_id, settle_seconds=0).received) == 1
    assert versions()[0].received_on == NOON.date()


def test_one_unreadable_file_is_named_and_the_others_are_taken_in(home, monkeypatch):
    cycle_id = found_year()
    drop("101/自评报告.docx", b"report")
    drop("102/自评报告.docx", b"other")
    real = Path.read_bytes

    def locked(path: Path) -> bytes:
        if path.parent.name == "101":
            raise PermissionError(13, "Permission denied")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", locked)
        report = collect(cycle_id, settle_seconds=0)
    assert len(report.received) == 1
    assert "101" in report.errors[0]
    assert len(collect(cycle_id, settle_seconds=0).received) == 1
