"""Departments that cannot be written to: decided by a person, printed, brought, recorded with proof - and never called sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import col, select
from year_kit import CLERK, NUMBER, SILENT, YEAR, Year, audit_events, cycle, decide, on, rows

from flows.advance_cycle import advance_cycle
from flows.deliver_otherwise import list_letters_to_bring, record_delivery, tell_by_mail, tell_otherwise
from flows.delivery_forms import BackToMailForm, DeliveredForm, OtherDeliveryForm
from flows.forms import ExtensionForm, NoticeForm
from flows.issue_notice import issue_notice, prepare_notice
from flows.letter_forms import FailedLetterAction, FailedLetterForm
from flows.mail_desk import handle_failed_letter
from flows.remind_departments import extend_deadline, remind_departments
from flows.send_outbox import send_outbox
from models.records import AuditEvent, Contact, Letter, LetterDelivery, OtherDelivery
from models.states import ContactRole, CycleState, Decision, DeliveryMeans, Gate, LetterKind, LetterState
from tasks import lookup, store, watching
from tasks.mail import delivery as mail_delivery
from tasks.stages import board, delivered, desk, notice, paper
from tasks.stages.delivery import DeliveryError
from tasks.stages.notice import NoticeError

Y: dict[str, Any] = {"fiscal_year": YEAR.fiscal_year, "operator": CLERK}
ON_PAPER = OtherDeliveryForm(**Y, departments=[SILENT], reason="该单位没有可用的邮箱。")


def without_address(code: str = SILENT) -> None:
    """The roster names nobody for a department any more."""
    with store.session() as db:
        _, department = lookup.submission_of(db, cycle(db), code)
        for contact in db.exec(select(Contact).where(Contact.department_id == department.id)):
            db.delete(contact)


def with_address(code: str = SILENT, address: str = "new@qinghe.example") -> None:
    """The roster names a working address again."""
    with store.session() as db:
        _, department = lookup.submission_of(db, cycle(db), code)
        db.add(Contact(department_id=department.id, name="新经办", role=ContactRole.HANDLER, address=address))


def issued_on_paper(year: Year) -> Letter:
    """The notice released, one department's letter waiting to be brought; that letter."""
    without_address()
    tell_otherwise(ON_PAPER)
    prepare_notice(NoticeForm(**Y, document_number=NUMBER))
    decide(Gate.NOTICE)
    issue_notice(YEAR)
    send_outbox(YEAR)
    [letter] = year.letters(LetterKind.NOTICE, SILENT)
    return letter


def answered_on_paper(year: Year) -> Letter:
    """In the collection: a department that lost its mailbox is answered on paper; that letter."""
    without_address()
    tell_otherwise(ON_PAPER)
    refused = {"decision": Decision.REFUSED, "until": date(2026, 5, 8), "reason": "理由不充分。"}
    extend_deadline(ExtensionForm(**Y, department=SILENT, **refused))
    [letter] = year.letters(LetterKind.EXTENSION, SILENT)
    return letter


def brought(*letters: int, **changes: Any) -> DeliveredForm:
    given = {"letters": list(letters), "delivered_on": date(2026, 3, 20), "signed_by": "门卫"}
    return DeliveredForm(**(Y | given | changes))


def printed() -> list[Path]:
    return sorted(paper.folder_of(YEAR.fiscal_year).glob("*/函件.html"))


def set_state(letter: Letter, state: LetterState, error: str | None) -> None:
    with store.session() as db:
        db.add(letter)
        letter.state, letter.error = state, error


def test_a_department_without_an_address_blocks_the_notice_until_somebody_decides(year_at: Any) -> None:
    year = year_at("opened", on(3, 10))
    without_address()
    form = NoticeForm(**Y, document_number=NUMBER)
    with pytest.raises(NoticeError, match="登记另行送达"):
        prepare_notice(form)
    tell_otherwise(ON_PAPER)
    before, events = rows(), audit_events()
    tell_otherwise(ON_PAPER)
    assert (rows(), audit_events()) == (before, events)
    assert prepare_notice(form, return_state=True).is_completed()
    assert len(year.letters(LetterKind.NOTICE)) == 5


def test_the_notice_counts_as_issued_once_the_last_letter_was_brought(year_at: Any) -> None:
    year = year_at("opened", on(3, 10))
    letter = issued_on_paper(year)
    advance_cycle(YEAR)
    assert (letter.state, letter.to_address, letter.sent_at) == (LetterState.TO_DELIVER, "", None)
    assert year.state() is CycleState.ISSUED
    assert len(year.arrived(LetterKind.NOTICE)) == 4
    assert {row.code: row.told for row in board.board(YEAR.fiscal_year).view.rows}[SILENT] == "待另行送达"
    _what_is_printed(letter)
    record_delivery(brought(letter.id, delivered_on=date(2026, 3, 10)))
    assert printed() == []
    assert list_letters_to_bring(YEAR, return_state=True).name == "无需办理"
    advance_cycle(YEAR)
    assert year.state() is CycleState.COLLECTING
    [letter] = year.letters(LetterKind.NOTICE, SILENT)
    assert (letter.state, letter.sent_at) == (LetterState.DELIVERED, None)
    assert len(year.arrived(LetterKind.NOTICE)) == 4, "what was brought never goes by mail"
    [told] = [row for row in board.board(YEAR.fiscal_year).view.rows if row.code == SILENT]
    assert told.told == "2026-03-10专人送达"
    assert "没有可用的邮箱" in told.remark


def _what_is_printed(letter: Letter) -> None:
    """The letter in the words of paper, its attachments, the sheet to sign; looking again writes nothing anew."""
    [page] = printed()
    assert f"-{letter.id}-" in page.parent.name
    text = page.read_text("utf-8")
    assert "回复本邮件" not in text and "函复" not in letter.text
    assert "光盘" in text and "另行送达" in text and "@page" in text
    assert sorted(p.name[:3] for p in page.parent.iterdir() if p != page) == ["01-", "02-", "03-"]
    sheet = (paper.folder_of(YEAR.fiscal_year) / paper.SHEET).read_text("utf-8")
    assert f'<td class="mid">{letter.id}</td>' in sheet
    before = page.stat().st_mtime_ns
    (page.parent.parent / "我的笔记").mkdir()
    list_letters_to_bring(YEAR)
    assert page.stat().st_mtime_ns == before
    assert (page.parent.parent / "我的笔记").is_dir()


def test_a_delivery_needs_a_proof_a_possible_day_and_letters_that_wait(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    letter = answered_on_paper(year)
    [sent] = year.letters(LetterKind.NOTICE, "105")
    before, events = rows(), audit_events()
    with pytest.raises(ValidationError, match="签收人"):
        brought(letter.id, signed_by=" ")
    for form, words in (
        (brought(letter.id, delivered_on=date(2026, 3, 21)), "晚于今天"),
        (brought(letter.id, delivered_on=date(2026, 3, 19)), "不能早于"),
        (brought(letter.id, sent.id), f"函件{sent.id}的状态是“已发送”.*全部未生效"),
        (brought(letter.id, 999), "没有编号为999"),
        (brought(departments=[SILENT], count=2), "现有1封函件待送达，您填写的是2封"),
        (brought(departments=["999"], count=1), "代码为999"),
    ):
        with pytest.raises(DeliveryError, match=words):
            record_delivery(form)
    assert (rows(), audit_events()) == (before, events)
    form = brought(departments=[SILENT], count=1, means=DeliveryMeans.PHONE, receipt_number="3-10-1")
    record_delivery(form)
    with store.session() as db:
        kept = db.exec(select(LetterDelivery)).one()
        event = db.exec(select(AuditEvent).order_by(col(AuditEvent.number).desc())).first()
    assert (kept.letter_id, kept.means, kept.recorded_by) == (letter.id, DeliveryMeans.PHONE, CLERK)
    assert event is not None and event.what == "letter.delivered" and event.new["receipt_number"] == "3-10-1"
    again = brought(letter.id, means=DeliveryMeans.PHONE, receipt_number="3-10-1")
    events = audit_events()
    record_delivery(again)
    assert audit_events() == events
    with pytest.raises(DeliveryError, match="不能再作不同的登记"):
        record_delivery(brought(letter.id))


def test_reminders_of_such_a_department_wait_on_paper_and_its_leaders_too(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    record_delivery(brought(answered_on_paper(year).id))
    before = len([c for c in year.arrived() if c.code == SILENT])
    year.at(on(4, 15))
    remind_departments(YEAR)
    year.at(on(5, 14))
    remind_departments(YEAR)
    send_outbox(YEAR)
    own = [*year.letters(LetterKind.REMINDER, SILENT), *year.letters(LetterKind.ESCALATION, SILENT)]
    assert len(own) == 3
    assert {(letter.state, letter.to_address) for letter in own} == {(LetterState.TO_DELIVER, "")}
    assert len([c for c in year.arrived() if c.code == SILENT]) == before
    assert len(printed()) == len(own)
    assert {row["状态"] for row in desk.letters(YEAR.fiscal_year)} == {"待另行送达"}


def test_a_corrected_address_takes_the_waiting_letters_back_to_the_mail(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    answered_on_paper(year)
    back = BackToMailForm(**Y, departments=[SILENT], reason="新邮箱已核实。")
    with pytest.raises(DeliveryError, match="仍没有可用的邮箱"):
        tell_by_mail(back)
    with_address()
    tell_by_mail(back)
    tell_by_mail(back)
    assert printed() == []
    send_outbox(YEAR)
    [letter] = year.letters(LetterKind.EXTENSION, SILENT)
    assert (letter.state, letter.to_address) == (LetterState.SENT, "new@qinghe.example")
    assert len([c for c in year.arrived(LetterKind.EXTENSION) if c.code == SILENT]) == 1
    with store.session() as db:
        ended = db.exec(select(OtherDelivery)).one()
    assert (ended.ended_by, ended.ended_because) == (CLERK, "新邮箱已核实。")


def test_a_prepared_notice_whose_addressee_is_told_otherwise_must_be_approved_anew(year_at: Any) -> None:
    year = year_at("notice_approved", on(3, 10))
    tell_otherwise(ON_PAPER)
    with pytest.raises(NoticeError, match="重新拟办并审批"):
        issue_notice(YEAR)
    prepare_notice(NoticeForm(**Y, document_number=NUMBER))
    decide(Gate.NOTICE)
    issue_notice(YEAR)
    assert [n.state for n in year.letters(LetterKind.NOTICE, SILENT)] == [LetterState.TO_DELIVER]


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (LetterState.FAILED, "550 没有这个用户"),
        (LetterState.SENT, "退信：550 没有这个用户"),
        (LetterState.UNKNOWN, "中断"),
    ],
)
def test_a_letter_that_failed_or_came_back_can_be_recorded_as_brought(year_at: Any, state: Any, error: str) -> None:
    year = year_at("collecting", on(3, 20))
    [letter] = year.letters(LetterKind.NOTICE, "105")
    set_state(letter, state, error)
    assert [row["函件编号"] for row in desk.letters(YEAR.fiscal_year)] == [letter.id]
    record_delivery(brought(letter.id, means=DeliveryMeans.FAX))
    assert desk.letters(YEAR.fiscal_year) == []
    [row] = [row for row in board.board(YEAR.fiscal_year).view.rows if row.code == "105"]
    assert (row.told, row.remark) == ("2026-03-20传真", "")


def test_a_delayed_or_sent_letter_cannot_be_called_brought(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    [letter] = year.letters(LetterKind.NOTICE, "105")
    set_state(letter, LetterState.SENT, "投递延迟：对方服务器忙")
    with pytest.raises(DeliveryError, match="已发送"):
        record_delivery(brought(letter.id))


def test_a_failed_letter_can_be_printed_and_a_reviewers_letter_never_changes_its_addressee(year_at: Any) -> None:
    year = year_at("spot_checking", on(7, 2))
    [task] = year.letters(LetterKind.REVIEW_TASK)[:1]
    code = task.key.split("/")[1]
    [drawn] = year.letters(LetterKind.DRAWN, code)
    for letter in (task, drawn):
        set_state(letter, LetterState.FAILED, "550 没有这个用户")
    form = {**Y, "reason": "邮箱停用。"}
    handle_failed_letter(FailedLetterForm(**form, letter=drawn.id, action=FailedLetterAction.BRING))
    with pytest.raises(desk.DeskError, match="复核人员"):
        handle_failed_letter(FailedLetterForm(**form, letter=task.id, action=FailedLetterAction.BRING))
    with pytest.raises(desk.DeskError):
        handle_failed_letter(FailedLetterForm(**form, letter=task.id, action=FailedLetterAction.READDRESS))
    tell_otherwise(OtherDeliveryForm(**Y, departments=[code], reason="邮箱停用。"))
    [after] = [letter for letter in year.letters(LetterKind.REVIEW_TASK) if letter.id == task.id]
    assert (after.state, after.to_address) == (LetterState.FAILED, task.to_address)
    assert len(printed()) == 1
    with store.session() as db:
        assert not mail_delivery.to_department(after)
        assert mail_delivery.decided_for(db, after) is None


def test_several_departments_are_decided_at_once_or_not_at_all(year_at: Any) -> None:
    year_at("opened", on(3, 10))
    before = rows()
    with pytest.raises(DeliveryError, match="代码为999"):
        tell_otherwise(OtherDeliveryForm(**Y, departments=["105", "999"], reason="没有邮箱。"))
    assert rows() == before
    both = OtherDeliveryForm(**Y, departments=["105 县某局", SILENT, "105"], means="机要交换", reason="涉密单位。")
    tell_otherwise(both)
    with store.session() as db:
        assert {row.means for row in mail_delivery.all_in_force(db, cycle(db).id).values()} == {DeliveryMeans.EXCHANGE}
        assert len(db.exec(select(OtherDelivery)).all()) == 2
    tell_otherwise(OtherDeliveryForm(**Y, departments=["105"], means=DeliveryMeans.FAX, reason="改用传真。"))
    with store.session() as db:
        kept = db.exec(select(OtherDelivery).order_by(col(OtherDelivery.id))).all()
    assert [row.ended_at is None for row in kept] == [False, True, True]


def test_a_letter_that_nobody_brings_and_an_address_that_works_again_are_told(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    answered_on_paper(year)
    assert "letters-to-bring" not in {alarm.kind for alarm in watching.alarms(None)}
    year.at(on(3, 23))
    assert "letters-to-bring" in {alarm.kind for alarm in watching.alarms(None)}
    with_address()
    assert any("恢复邮件发送" in sentence for sentence in notice.address_warnings(YEAR.fiscal_year))
    assert any("恢复邮件发送" in row["下一步"] for row in delivered.listing(YEAR.fiscal_year))
