"""Once, whatever the mail does: copies, reports, answers of programs, our own files sent back, threads of other years."""

from __future__ import annotations

import email.policy
import mailbox
import os
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from imap_kit import Mailbox, imap_server
from mail_kit import NOON, found_year, use_home
from sqlmodel import col, select

from models.records import Contact, Cycle, Department, Letter, Objection, Receipt, ReceivedFile, SubmissionVersion
from models.states import CycleState, LetterKind, LetterState, ReceiptOutcome
from tasks import clock, settings, store
from tasks.intake import collect, limits
from tasks.intake.quarantine import release
from tasks.mail.compose import queue
from tasks.mail.contexts import NoticeContext, ResultContext
from tasks.mail.token import Purpose


@pytest.fixture
def cycle_id(tmp_path, monkeypatch) -> Iterator[int]:
    with clock.fixed(NOON):
        use_home(monkeypatch, tmp_path)
        settings.current().mailbox_folder.parent.mkdir(parents=True)
        mailbox.Maildir(settings.current().mailbox_folder)
        yield found_year(8)
    settings.current.cache_clear()


def mail(code: str = "101", files: tuple[tuple[str, bytes], ...] = (), text: str = "见附件", **heads: str) -> bytes:
    message = EmailMessage()
    heads = {"From": f"d{code}@qh.example", "Subject": f"【绩效2025-{code}】自评材料"} | heads
    for name, value in heads.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, content in files:
        message.add_attachment(content, "application", "octet-stream", filename=name)
    return message.as_bytes(policy=email.policy.SMTP)


REPORT = (("自评报告.docx", b"report"),)


def deliver(raw: bytes) -> None:
    mailbox.Maildir(settings.current().mailbox_folder).add(raw)


def sent(kind: LetterKind, *attachments: tuple[str, bytes], code: str = "101") -> Letter:
    contexts = {
        LetterKind.NOTICE: NoticeContext(document_number="1", deadline=NOON.date()),
        LetterKind.RESULT: ResultContext(lines=(), self_score=None, final_score=None, grade=None, spot_checked=False),
    }
    with store.session() as db:
        cycle = db.exec(select(Cycle).order_by(col(Cycle.id))).first()
        department = db.exec(select(Department).where(Department.code == code)).one()
        context = contexts[kind]
        letter = queue(db, cycle=cycle, kind=kind, department=department, context=context, attachments=attachments)
        letter.state, letter.sent_at = LetterState.SENT, NOON
    return letter


def last() -> Receipt:
    with store.session() as db:
        return db.exec(select(Receipt).order_by(col(Receipt.id).desc())).first()


def rows(kind: type) -> list:
    with store.session() as db:
        return list(db.exec(select(kind)))


def letter_now(letter: Letter) -> Letter:
    with store.session() as db:
        return db.exec(select(Letter).where(Letter.id == letter.id)).one()


def report_on(letter: Letter, action: str, **heads: str) -> bytes:
    lines = [
        *(f"{name.replace('_', '-')}: {value}" for name, value in heads.items()),
        "From: MAILER-DAEMON@mx.example",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"',
        "\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx",
        f"\r\nFinal-Recipient: rfc822; {letter.to_address}\r\nAction: {action}\r\nDiagnostic-Code: smtp; said {action}",
        f"--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {letter.message_id}\r\n--B--\r\n",
    ]
    return "\r\n".join(lines).encode()


def test_one_mail_in_two_mailboxes_and_the_drop_folder_is_one_version_and_one_answer(cycle_id, monkeypatch):
    raw = mail(files=REPORT, Message_ID="<one@qh.example>")
    box = Mailbox()
    box.add(b"Received: by another way\r\n" + raw, NOON)
    deliver(raw)
    folder = settings.current().inbox_folder / "101"
    folder.mkdir(parents=True)
    (folder / "自评报告.docx").write_bytes(REPORT[0][1])
    with imap_server(box) as port:
        for name, value in {"HOST": "127.0.0.1", "PORT": port, "SECURITY": "none", "PASSWORD": box.password}.items():
            monkeypatch.setenv(f"JIXIAO_IMAP_{name}", str(value))
        settings.current.cache_clear()
        report = collect(cycle_id, settle_seconds=0)
    assert (len(report.received), len(report.duplicates), len(rows(SubmissionVersion))) == (1, 2, 1)
    # The clerk who put the file into the folder is answered; for the second copy of the mail nobody sent anything.
    assert [letter.kind for letter in rows(Letter)] == [LetterKind.DUPLICATE]
    assert sorted("同一封邮件" in (r.reason or "") for r in rows(Receipt)) == [False, False, True]


def test_a_borrowed_message_id_hides_no_other_material(cycle_id):
    deliver(mail(files=REPORT, Message_ID="<one@qh.example>"))
    deliver(mail(files=(("自评报告.docx", b"corrected"),), Message_ID="<one@qh.example>"))
    deliver(mail("102", files=REPORT, Message_ID="<one@qh.example>"))
    assert len(collect(cycle_id).versions) == 3


def test_our_own_files_sent_back_with_an_answer_are_not_material(cycle_id):
    sent(LetterKind.NOTICE, ("自评工作簿.xlsx", b"blank workbook"))
    deliver(mail(files=(*REPORT, ("自评工作簿.xlsx", b"blank workbook"))))
    assert len(collect(cycle_id).versions) == 1
    with store.session() as db:
        [version] = db.exec(select(SubmissionVersion)).all()
        names = [db.get_one(ReceivedFile, one).name for one in version.files]
    assert names == ["自评报告.docx"]
    assert "没有改动" in (last().reason or "")


def test_only_our_own_files_sent_back_are_explained(cycle_id):
    sent(LetterKind.NOTICE, ("自评工作簿.xlsx", b"blank workbook"))
    deliver(mail(files=(("自评工作簿.xlsx", b"blank workbook"),)))
    assert len(collect(cycle_id).quarantined) == 1
    with store.session() as db:
        answer = db.exec(select(Letter).where(Letter.kind == LetterKind.CORRECTION)).one()
    assert "没有改动" in answer.text
    assert [f.name for f in rows(ReceivedFile)] == ["自评工作簿.xlsx"]


@pytest.mark.parametrize("text", ["收到，谢谢！", "已收悉。", "我局无异议，谢谢。"])
def test_a_thank_you_for_the_result_is_no_objection(cycle_id, text):
    deliver(mail(text=text, Subject="Re: 【绩效2025-101-申诉】评价结果反馈"))
    assert len(collect(cycle_id).ignored) == 1
    assert rows(Objection) == []
    assert last().identified_by == "主题标记"


def test_an_objection_that_an_office_system_sent_without_files_is_an_objection(cycle_id):
    heads = {"Subject": "Re: 【绩效2025-101-申诉】", "Auto_Submitted": "auto-generated"}
    deliver(mail(text="收到。我局对“执行进度”一项有异议。", **heads))
    assert len(collect(cycle_id).objections) == 1
    assert "执行进度" in rows(Objection)[0].text


def test_a_program_that_answers_with_files_is_neither_entered_nor_answered(cycle_id):
    deliver(mail(files=REPORT, Auto_Submitted="auto-replied"))
    assert len(collect(cycle_id).quarantined) == 1
    assert (rows(Letter), rows(SubmissionVersion)) == ([], [])


def test_a_retyped_subject_is_understood_by_the_letter_it_answers(cycle_id):
    result = sent(LetterKind.RESULT)
    deliver(mail(text="对结果有异议，见附件", files=REPORT, Subject="我局意见", In_Reply_To=result.message_id))
    assert len(collect(cycle_id).objections) == 1
    assert last().identified_by == "所回复的函件"
    deliver(mail("102", text="对结果有异议", Subject="意见", In_Reply_To=result.message_id))
    assert len(collect(cycle_id).quarantined) == 1
    assert "互相矛盾" in (last().reason or "")


def test_an_answer_in_last_years_thread_waits_where_people_look(cycle_id):
    with store.session() as db:
        old = Cycle(
            fiscal_year=2024,
            county="青禾县",
            bureau="局",
            office="股",
            ruleset_id="sichuan-2023",
            ruleset_digest="0" * 64,
            state=CycleState.RECTIFYING,
            opened_at=NOON,
        )
        db.add(old)
    deliver(mail(files=REPORT, Subject="Re: 【绩效2024-101】通知"))
    collect(cycle_id)
    assert (last().cycle_id, last().outcome) == (cycle_id, ReceiptOutcome.QUARANTINED)
    assert "2024年度" in (last().reason or "")


def test_delivery_reports_are_told_on_their_letter_in_the_right_order(cycle_id):
    letter = sent(LetterKind.NOTICE)
    for action, word in (("delayed", "投递延迟"), ("failed", "退信"), ("delayed", "退信"), ("delivered", "退信")):
        deliver(report_on(letter, action))
        collect(cycle_id)
        assert (letter_now(letter).error or "").startswith(word)
    other = sent(LetterKind.NOTICE, code="102")
    deliver(report_on(other, "delayed"))
    deliver(report_on(other, "relayed"))
    collect(cycle_id)
    assert letter_now(other).error is None
    assert (last().outcome, "已送达对方邮件系统" in (last().reason or "")) == (ReceiptOutcome.IGNORED, True)


def test_a_forged_bounce_changes_no_letter(cycle_id):
    letter = sent(LetterKind.NOTICE)
    deliver(report_on(letter, "failed", Authentication_Results="mx.czj.example; spf=fail"))
    assert len(collect(cycle_id).quarantined) == 1
    assert letter_now(letter).error is None


def test_a_bounce_about_a_letter_that_never_left_changes_nothing(cycle_id):
    letter = sent(LetterKind.NOTICE)
    with store.session() as db:
        db.get_one(Letter, letter.id).state = LetterState.APPROVED
    deliver(report_on(letter, "failed"))
    collect(cycle_id)
    assert letter_now(letter).error is None


def test_a_bounce_in_a_providers_own_words_is_found_by_its_address(cycle_id):
    letter = sent(LetterKind.NOTICE, code="105")
    text = "您发往 d105@qh.example 的邮件被退回。原因：550 收件人不存在"
    deliver(mail(From="postmaster@mail.example", Subject="系统退信", text=text))
    assert len(collect(cycle_id).bounces) == 1
    assert "收件人不存在" in (letter_now(letter).error or "")
    assert "按收件地址推定" in (last().reason or "")


def test_a_department_that_writes_as_postmaster_is_a_department(cycle_id):
    with store.session() as db:
        department = db.exec(select(Department).where(Department.code == "101")).one()
        contact = db.exec(select(Contact).where(Contact.department_id == department.id)).first()
        contact.address = "postmaster@qh.example"
        db.add(contact)
    deliver(mail(files=REPORT, From="postmaster@qh.example"))
    assert len(collect(cycle_id).versions) == 1


def test_a_read_receipt_opens_no_case_and_asks_nobody(cycle_id):
    letter = sent(LetterKind.RESULT)
    lines = [
        "From: d101@qh.example",
        "Subject: =?utf-8?B?5bey6K+7?=: 【绩效2025-101-申诉】",
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="B"',
        "\r\n--B\r\nContent-Type: text/plain\r\n\r\nread",
        "--B\r\nContent-Type: message/disposition-notification\r\n",
        f"Original-Message-ID: {letter.message_id}\r\nDisposition: automatic-action/MDN-sent-automatically; displayed",
        "--B--\r\n",
    ]
    deliver("\r\n".join(lines).encode())
    assert len(collect(cycle_id).ignored) == 1
    assert rows(Objection) == []
    assert "对方已读" in (last().reason or "")
    assert (last().identified_by, last().department_id) == (None, letter.department_id)


def test_files_of_what_was_set_aside_stand_in_the_ledger_once(cycle_id):
    deliver(mail(files=REPORT, From="new@qh.example"))
    collect(cycle_id)
    assert [f.name for f in rows(ReceivedFile)] == ["自评报告.docx"]
    receipt = last().id
    with store.session() as db:
        department = db.exec(select(Department).where(Department.code == "101")).one()
        release(db, receipt, department, Purpose.MATERIAL, "王芳", "电话核实")
    assert len(collect(cycle_id).versions) == 1
    assert [f.name for f in rows(ReceivedFile)] == ["自评报告.docx"]


def test_subfolders_of_one_department_are_one_delivery(cycle_id):
    folder = settings.current().inbox_folder / "101"
    (folder / "附件").mkdir(parents=True)
    (folder / "整改").mkdir()
    for path, content in (("自评报告.docx", b"r"), ("附件/项目表.xlsx", b"t"), ("整改/整改报告.docx", b"z")):
        (folder / path).write_bytes(content)
    report = collect(cycle_id, settle_seconds=0)
    assert (len(report.versions), len(report.rectifications)) == (1, 1)
    with store.session() as db:
        assert len(db.exec(select(SubmissionVersion)).one().files) == 2


def test_names_another_system_wrote_are_read_and_stop_nobody(cycle_id):
    folder = settings.current().inbox_folder / "101"
    folder.mkdir(parents=True)
    (folder / os.fsdecode("自评报告.docx".encode("gbk"))).write_bytes(b"report")
    deliver(mail("102", files=REPORT))
    assert len(collect(cycle_id, settle_seconds=0).versions) == 2
    assert {f.name for f in rows(ReceivedFile)} == {"自评报告.docx"}


def test_a_department_is_not_flooded_with_answers(cycle_id):
    for number in range(limits.current().answers_per_day + 4):
        deliver(mail(files=REPORT, Message_ID=f"<{number}@qh.example>"))
    report = collect(cycle_id)
    assert len(report.duplicates) == limits.current().answers_per_day + 3
    assert len(rows(Letter)) == limits.current().answers_per_day
    with clock.fixed(NOON + timedelta(days=1)):
        deliver(mail(files=REPORT, Message_ID="<next-day@qh.example>"))
        collect(cycle_id)
    assert len(rows(Letter)) == limits.current().answers_per_day + 1
