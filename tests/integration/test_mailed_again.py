"""A letter that came back is mailed again to the corrected address: once, by name, and nobody is called told before."""

from __future__ import annotations

import mailbox
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import col, select
from year_kit import CLERK, SILENT, YEAR, Year, audit_events, cycle, on, rows

from flows.collect_submissions import collect_submissions
from flows.deliver_otherwise import record_delivery, tell_otherwise
from flows.delivery_forms import DeliveredForm, OtherDeliveryForm
from flows.letter_forms import MailAgainForm
from flows.mail_desk import mail_letters_again
from flows.remind_departments import remind_departments
from flows.send_outbox import send_outbox
from models.records import AuditEvent, Contact, Cycle, Letter, LetterAttachment, MailedAgain
from models.states import ContactRole, CycleState, LetterKind, LetterState
from tasks import lookup, settings, store
from tasks.stages import board, choices, correspondence, desk, overview, rectification
from tasks.stages.choices import Listed
from tasks.stages.delivery import DeliveryError

Y: dict[str, Any] = {"fiscal_year": YEAR.fiscal_year, "operator": CLERK}
CODE = "105"
NEW = "new105@qinghe.example"
GONE = "退信：550 5.1.1 没有这个用户"


def set_letter(letter: Letter, **values: Any) -> Letter:
    with store.session() as db:
        found = db.get_one(Letter, letter.id)
        for name, value in values.items():
            setattr(found, name, value)
        db.add(found)
    return found


def came_back(year: Year, kind: LetterKind = LetterKind.NOTICE, code: str = CODE) -> Letter:
    """A department's last letter of a kind, returned by the mail system."""
    return set_letter(year.letters(kind, code)[-1], error=GONE)


def correct_address(address: str = NEW, code: str = CODE, role: ContactRole = ContactRole.HANDLER) -> None:
    with store.session() as db:
        _, department = lookup.submission_of(db, cycle(db), code)
        query = select(Contact).where(Contact.department_id == department.id, Contact.role == role)
        contact = db.exec(query).first() or Contact(department_id=department.id, name="", role=role, address="")
        contact.name, contact.address = f"新任{role.label}", address
        db.add(contact)


def again(*letters: int, **values: Any) -> MailAgainForm:
    return MailAgainForm(**(Y | {"letters": list(letters), "reason": "原邮箱停用，新邮箱已核实。"} | values))


def told(code: str = CODE) -> str:
    return {row.code: row.told for row in board.board(YEAR.fiscal_year).view.rows}[code]


def waiting() -> list[str]:
    with store.session() as db:
        return overview.waiting_for(db, cycle(db))


def files_of(letter: Letter) -> list[tuple[str, str]]:
    with store.session() as db:
        query = select(LetterAttachment).where(LetterAttachment.letter_id == letter.id)
        return [(a.name, a.sha256) for a in db.exec(query.order_by(col(LetterAttachment.number)))]


def test_a_letter_that_came_back_reaches_the_corrected_address_once_and_the_old_one_stays(either_year_at: Any) -> None:
    year = either_year_at("collecting", on(3, 20))
    old = came_back(year)
    assert told() == "被退回，未送达"
    assert any("1封函件被退回" in sentence for sentence in waiting())
    correct_address()
    mail_letters_again(again(old.id))
    assert told() == "被退回，补发待发送"
    assert not any("被退回" in sentence for sentence in waiting())
    before, events = rows(), audit_events()
    assert "没有变化" in (mail_letters_again(again(old.id), return_state=True).message or "")
    assert (rows(), audit_events()) == (before, events)
    send_outbox(YEAR)
    send_outbox(YEAR)
    kept, new = year.letters(LetterKind.NOTICE, CODE)
    assert (kept.state, kept.error, kept.html) == (LetterState.SENT, GONE, old.html)
    assert (new.key, new.to_address, new.state) == (f"{old.key}/2", NEW, LetterState.SENT)
    assert new.message_id != old.message_id and files_of(new) == files_of(old) != []
    assert new.subject == f"{old.subject}（补发）"
    assert f"本函原于2026年3月10日发往 {old.to_address}，被退回" in new.text
    assert new.text.replace(new.text[new.text.index("补发说明") : new.text.index("联系。") + 3], "").split() == (
        old.text.split()
    ), "beside the note every word is the same"
    mails = [mail for mail in year.arrived(LetterKind.NOTICE) if mail.code == CODE]
    assert [NEW in str(mail.message()["To"]) for mail in mails].count(True) == 1
    assert told() == "2026-03-20补发"
    assert desk.letters(YEAR.fiscal_year) == []


def test_who_did_it_and_why_stands_on_the_trail_and_in_the_ledger(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    old = came_back(year)
    correct_address()
    mail_letters_again(again(old.id))
    with store.session() as db:
        record = db.exec(select(MailedAgain)).one()
        [event] = db.exec(select(AuditEvent).where(AuditEvent.what == "letter.mailed_again"))
    assert (record.decided_by, record.reason, record.edition) == (CLERK, "原邮箱停用，新邮箱已核实。", 2)
    assert (event.who, event.subject, event.old) == (CLERK, f"letter:{old.key}", {"to": old.to_address})
    entries = {entry.number: entry for entry in correspondence.ledger(YEAR.fiscal_year, CODE).entries}
    assert entries[f"发{old.id}"].remark.endswith(f"已补发为发{record.again_id}")
    assert entries[f"发{record.again_id}"].remark == f"补发：发{old.id}被退回"


def test_the_address_that_returned_it_is_refused_and_so_is_an_unusable_one(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    old = came_back(year)
    before = rows()
    with pytest.raises(desk.DeskError, match="名册中仍是这个地址"):
        mail_letters_again(again(old.id))
    correct_address(old.to_address.upper())
    with pytest.raises(desk.DeskError, match="名册中仍是这个地址"):
        mail_letters_again(again(old.id))
    correct_address("a@b.example\r\nBcc: all@evil.example")
    with pytest.raises(desk.DeskError, match="不能使用"):
        mail_letters_again(again(old.id))
    correct_address(old.to_address)
    assert {name: held for name, held in rows().items() if name != "contact"} == {
        name: held for name, held in before.items() if name != "contact"
    }


def test_only_what_came_back_and_was_not_brought_is_mailed_again(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    delayed = set_letter(year.letters(LetterKind.NOTICE, "108")[0], error="投递延迟：对方服务器忙")
    [sent] = year.letters(LetterKind.NOTICE, "109")
    brought = came_back(year)
    proof = {"letters": [brought.id], "delivered_on": on(3, 20).date(), "signed_by": "门卫"}
    record_delivery(DeliveredForm(**Y, **proof))
    otherwise = came_back(year, code=SILENT)
    tell_otherwise(OtherDeliveryForm(**Y, departments=[SILENT], reason="没有邮箱。"))
    for code in (CODE, "108", "109", SILENT):
        correct_address(f"new{code}@qinghe.example", code)
    before = rows()
    for letter, words in (
        (delayed.id, "没有被退回"),
        (sent.id, "没有被退回"),
        (brought.id, "已另行送达"),
        (otherwise.id, "恢复邮件发送"),
        (999, "没有编号为999"),
    ):
        with pytest.raises(desk.DeskError, match=words):
            mail_letters_again(again(letter))
    assert rows() == before


def test_several_are_mailed_again_all_or_none(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    good, bad = came_back(year), came_back(year, code=SILENT)
    correct_address()
    before = rows()
    with pytest.raises(desk.DeskError, match=f"函件{bad.id}.*全部未生效"):
        mail_letters_again(again(good.id, bad.id))
    assert rows() == before
    correct_address("new111@qinghe.example", SILENT)
    mail_letters_again(again(good.id, bad.id))
    send_outbox(YEAR)
    assert len([mail for mail in year.arrived(LetterKind.NOTICE) if mail.code in (CODE, SILENT)]) == 4


def test_everything_that_a_department_did_not_get_is_mailed_again_at_once(year_at: Any) -> None:
    year = year_at("returned", on(3, 28))
    wanted = {came_back(year, kind, CODE).id for kind in (LetterKind.NOTICE, LetterKind.CORRECTION)}
    other = came_back(year, code=SILENT)
    correct_address()
    offered = choices.lists()[Listed.RETURNED_LETTERS]
    assert {int(entry.split()[0]) for entry in offered} == wanted | {other.id}
    mail_letters_again(again(departments=[f"{CODE} 县某局"]))
    with store.session() as db:
        assert {record.letter_id for record in db.exec(select(MailedAgain))} == wanted
    assert [int(entry.split()[0]) for entry in choices.lists()[Listed.RETURNED_LETTERS]] == [other.id]
    with pytest.raises(desk.DeskError, match="没有被退回而尚未补发的函件"):
        mail_letters_again(again(departments=[CODE]))
    with pytest.raises(ValidationError, match="请选择函件"):
        again()


def test_what_comes_back_again_is_mailed_a_third_time_but_to_no_address_that_returned_it(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    first = came_back(year)
    correct_address()
    mail_letters_again(again(first.id))
    send_outbox(YEAR)
    second = came_back(year)
    assert [row["函件编号"] for row in desk.letters(YEAR.fiscal_year)] == [second.id]
    assert told() == "被退回，未送达"
    correct_address(first.to_address)
    with pytest.raises(desk.DeskError, match="名册中仍是这个地址"):
        mail_letters_again(again(second.id))
    correct_address("third105@qinghe.example")
    mail_letters_again(again(second.id))
    third = year.letters(LetterKind.NOTICE, CODE)[-1]
    assert third.key == f"{first.key}/3" and third.subject.count("补发") == 1
    assert f"发往 {first.to_address}，又于2026年3月20日发往 {NEW}，均被退回" in third.text
    assert third.text.count("补发说明") == 1


def test_a_bounce_of_the_new_letter_is_told_on_the_new_one(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    old = came_back(year)
    correct_address()
    mail_letters_again(again(old.id))
    send_outbox(YEAR)
    new = year.letters(LetterKind.NOTICE, CODE)[-1]
    report = EmailMessage()
    report["From"], report["Subject"] = "MAILER-DAEMON@qinghe.example", "Undelivered Mail Returned to Sender"
    report.set_content(f"550 5.1.1 no such user {NEW}\n\nMessage-ID: {new.message_id}\n")
    mailbox.Maildir(settings.current().mailbox_folder).add(report)
    collect_submissions(YEAR)
    kept, returned = year.letters(LetterKind.NOTICE, CODE)
    assert (kept.error, (returned.error or "")[:2]) == (GONE, "退信")
    assert told() == "被退回，未送达"


def test_a_letter_to_the_leader_goes_to_the_leader_by_the_new_name(year_at: Any) -> None:
    year = year_at("collecting", on(5, 14))
    correct_address("leader111@qinghe.example", SILENT, ContactRole.LEADER)
    remind_departments(YEAR)
    send_outbox(YEAR)
    old = came_back(year, LetterKind.ESCALATION, SILENT)
    with store.session() as db:
        leader = db.exec(select(Contact).where(Contact.address == old.to_address)).one()
        leader.name, leader.address = "继任者", "next111@qinghe.example"
        db.add(leader)
    mail_letters_again(again(old.id))
    new = year.letters(LetterKind.ESCALATION, SILENT)[-1]
    assert (new.to_name, new.to_address) == ("继任者", "next111@qinghe.example")
    assert "继任者同志：" in new.text and f"{old.to_name}同志：" not in new.text


def test_a_reminder_that_came_back_is_not_counted_and_not_held_against_anybody(year_at: Any) -> None:
    year = year_at("collecting", on(4, 16))
    remind_departments(YEAR)
    send_outbox(YEAR)
    assert {row.code: row.reminders for row in board.board(YEAR.fiscal_year).view.rows}[SILENT] == 1
    came_back(year, LetterKind.REMINDER, SILENT)
    assert {row.code: row.reminders for row in board.board(YEAR.fiscal_year).view.rows}[SILENT] == 0
    year.at(on(5, 14))
    remind_departments(YEAR)
    [letter] = year.letters(LetterKind.ESCALATION, SILENT)
    assert "4月16日" not in letter.text


@pytest.mark.parametrize("returned", [True, False])
def test_a_leader_is_told_of_remediation_reminders_only_where_one_was_not_returned(
    year_at: Any, returned: bool
) -> None:
    year = year_at("rectifying", on(10, 20))
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), CODE)
        due = min(item.due_on for item in rectification.items_of(db, submission))
        last = rectification.escalation_day(cycle(db), due)
    year.at(on(due.month, due.day))
    rectification.remind(YEAR.fiscal_year)
    send_outbox(YEAR)
    if returned:
        came_back(year, LetterKind.RECTIFICATION_REMINDER)
    year.at(on(last.month, last.day))
    rectification.remind(YEAR.fiscal_year)
    [letter] = [one for one in year.letters(LetterKind.RECTIFICATION_REMINDER, CODE) if one.to_leader]
    assert "请您督促落实" in letter.text
    assert ("此前已提醒" in letter.text) is not returned


def test_what_was_mailed_again_is_recorded_as_brought_on_the_new_letter_only(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    old = came_back(year)
    correct_address()
    mail_letters_again(again(old.id))
    proof = {"letters": [old.id], "delivered_on": on(3, 20).date(), "signed_by": "门卫"}
    with pytest.raises(DeliveryError, match=f"函件{old.id}已补发为函件"):
        record_delivery(DeliveredForm(**Y, **proof))


def test_a_reviewers_letter_and_a_closed_year_are_refused(year_at: Any) -> None:
    year = year_at("spot_checking", on(7, 2))
    task = set_letter(year.letters(LetterKind.REVIEW_TASK)[0], error=GONE)
    with pytest.raises(desk.DeskError, match="复核人员"):
        mail_letters_again(again(task.id))
    assert choices.lists()[Listed.RETURNED_LETTERS] == []
    old = came_back(year)
    correct_address()
    with store.session() as db:
        found = db.exec(select(Cycle)).one()
        found.state = CycleState.CLOSED
        db.add(found)
    with pytest.raises(desk.DeskError, match="已办结"):
        mail_letters_again(again(old.id))
    year.at(on(7, 2) + timedelta(days=1))
    send_outbox(YEAR)
    assert len(year.letters(LetterKind.NOTICE, CODE)) == 1
