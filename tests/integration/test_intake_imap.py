"""Reading a real IMAP server on loopback: once each, whatever the server does with its numbers; nothing is touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from imap_kit import Mailbox, imap_server
from mail_kit import NOON, found_year, self_signed, use_home
from sqlmodel import col, select

from models.records import Letter, MailTally, Receipt, SubmissionVersion
from models.states import LetterKind, ReceiptOutcome
from tasks import clock, settings, store
from tasks.intake import collect
from tasks.intake.imap import folder_name


@pytest.fixture
def box(tmp_path, monkeypatch) -> Iterator[Mailbox]:
    made = Mailbox()
    with imap_server(made) as port, clock.fixed(NOON):
        use_home(monkeypatch, tmp_path, imap_host="127.0.0.1", imap_port=port, imap_security="none")
        monkeypatch.setenv("JIXIAO_IMAP_USER", "pingjia")
        monkeypatch.setenv("JIXIAO_IMAP_PASSWORD", made.password)
        settings.current.cache_clear()
        yield made
    settings.current.cache_clear()


def report_of(code: str, content: bytes = b"report") -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = f"d{code}@qh.example", f"【绩效2025-{code}】自评材料"
    message.set_content("见附件")
    message.add_attachment(content, "application", "octet-stream", filename="自评报告.docx")
    return message.as_bytes().replace(b"\n", b"\r\n")


def receipts() -> list[Receipt]:
    with store.session() as db:
        return list(db.exec(select(Receipt).order_by(col(Receipt.id))))


def test_each_message_is_read_once_by_the_servers_date(box):
    cycle_id = found_year()
    box.add(report_of("101"), NOON - timedelta(days=2))
    box.add(report_of("102"), NOON)
    assert len(collect(cycle_id).received) == 2
    assert collect(cycle_id).received == []
    with store.session() as db:
        found = db.exec(select(SubmissionVersion).order_by(col(SubmissionVersion.id))).all()
    assert [v.received_on for v in found] == [date(2026, 4, 8), date(2026, 4, 10)]
    box.add(report_of("103"), NOON)
    assert len(collect(cycle_id).received) == 1
    assert box.bodies_sent == 3


def test_the_mailbox_is_never_changed_and_messages_stay_unread(box):
    cycle_id = found_year()
    box.add(report_of("101"), NOON)
    collect(cycle_id)
    said = " ".join(box.commands).upper()
    assert "EXAMINE" in said
    assert "BODY.PEEK[]" in said
    assert not any(word in said for word in ("STORE", "EXPUNGE", "DELETE", "MOVE", "COPY", "SELECT", "BODY[]"))


def test_renumbering_reads_again_and_enters_and_answers_nothing_twice(box):
    cycle_id = found_year()
    box.add(report_of("101"), NOON)
    box.add(report_of("102"), NOON)
    collect(cycle_id)
    box.renumber()
    box.add(report_of("103"), NOON)
    report = collect(cycle_id)
    assert (len(report.received), len(report.duplicates)) == (1, 2)
    with store.session() as db:
        assert db.exec(select(Letter).where(Letter.kind == LetterKind.DUPLICATE)).all() == []
        assert len(db.exec(select(SubmissionVersion)).all()) == 3
        assert db.exec(select(MailTally)).one().value == {"uidvalidity": "2", "last_uid": "3"}
    assert collect(cycle_id) == type(report)()


def test_the_same_mail_twice_in_one_mailbox_is_a_duplicate_that_is_answered(box):
    cycle_id = found_year()
    for _ in range(2):
        box.add(report_of("101"), NOON)
    report = collect(cycle_id)
    assert (len(report.received), len(report.duplicates)) == (1, 1)
    with store.session() as db:
        assert len(db.exec(select(Letter).where(Letter.kind == LetterKind.DUPLICATE)).all()) == 1


def test_a_connection_cut_in_the_middle_goes_on_where_it_was(box):
    cycle_id = found_year(10)
    for code in range(101, 111):
        box.add(report_of(str(code)), NOON)
    box.cut_after = 4
    report = collect(cycle_id)
    assert len(report.received) == 4
    assert "中断" in report.errors[0]
    assert len(collect(cycle_id).received) == 6
    assert len(receipts()) == 10


def test_an_oversize_message_is_entered_by_its_head_and_left_in_the_mailbox(box, monkeypatch):
    cycle_id = found_year()
    monkeypatch.setenv("JIXIAO_MAX_FILE_MB", "1")
    settings.current.cache_clear()
    box.add(report_of("101", b"x" * 5_000_000), NOON)
    report = collect(cycle_id)
    [receipt] = receipts()
    assert report.quarantined == [receipt.id]
    assert (receipt.outcome, receipt.size > 5_000_000) == (ReceiptOutcome.QUARANTINED, True)
    assert "超过4MB的上限" in receipt.reason


def test_a_wrong_password_is_told_and_other_channels_go_on(box, monkeypatch):
    cycle_id = found_year()
    monkeypatch.setenv("JIXIAO_IMAP_PASSWORD", "wrong-secret-word")
    settings.current.cache_clear()
    folder = settings.current().inbox_folder / "101"
    folder.mkdir(parents=True)
    (folder / "自评报告.docx").write_bytes(b"report")
    report = collect(cycle_id, settle_seconds=0)
    assert len(report.received) == 1
    assert "账号" in report.errors[0]
    assert "wrong-secret-word" not in report.errors[0]


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_encrypted_mailboxes_are_verified(tmp_path, monkeypatch, security):
    authority, context = self_signed(tmp_path)
    made = Mailbox()
    made.folder = folder_name("绩效/自评")
    options = {"wrap": context} if security == "ssl" else {"starttls": context}
    values = {"imap_host": "127.0.0.1", "imap_security": security, "imap_user": "pingjia", "imap_folder": "绩效/自评"}
    values |= {"imap_password": made.password}
    with imap_server(made, **options) as port, clock.fixed(NOON):
        use_home(monkeypatch, tmp_path / "home", imap_port=port, imap_ca_file=authority, **values)
        cycle_id = found_year()
        made.add(report_of("101"), NOON)
        assert len(collect(cycle_id).received) == 1
        monkeypatch.delenv("JIXIAO_IMAP_CA_FILE")
        monkeypatch.setenv("JIXIAO_SMTP_CA_FILE", str(authority))
        settings.current.cache_clear()
        assert "未通过验证" in collect(cycle_id).errors[0]
    settings.current.cache_clear()


def test_chinese_folder_names_are_written_as_imap_wants_them():
    assert folder_name("INBOX") == "INBOX"
    assert folder_name("收件箱") == "&ZTZO9nux-"
    assert folder_name("A&B") == "A&-B"


def test_a_message_the_server_withholds_is_asked_for_again_and_the_others_are_taken(box):
    cycle_id = found_year()
    for code in ("101", "102", "103"):
        box.add(report_of(code), NOON)
    box.withheld.add(2)
    report = collect(cycle_id)
    assert len(report.received) == 2
    assert "UID 2" in report.errors[0]
    assert "下次运行" in report.errors[0]
    box.withheld.clear()
    again = collect(cycle_id)
    assert (len(again.received), len(again.errors), len(receipts())) == (1, 0, 3)


def test_a_server_that_drops_the_line_at_any_word_loses_and_doubles_nothing(box):
    cycle_id = found_year()
    for code in ("101", "102", "103"):
        box.add(report_of(code), NOON)
    for word in range(12):
        box.hang_up_at = word
        # A restored server gives other numbers as well.
        box.validity += word % 3 == 2
        collect(cycle_id)
    box.hang_up_at = None
    assert collect(cycle_id).errors == []
    with store.session() as db:
        assert len(db.exec(select(SubmissionVersion)).all()) == 3
        assert db.exec(select(Letter)).all() == []


@pytest.mark.parametrize("year", [1, 1970, 2099, 9999])
def test_a_servers_strange_date_is_dated_no_later_than_now(box, year):
    cycle_id = found_year()
    box.add(report_of("101"), NOON.replace(year=year))
    assert len(collect(cycle_id).received) == 1
    assert receipts()[0].received_at <= NOON
