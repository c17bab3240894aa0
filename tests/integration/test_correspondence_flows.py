"""Letters, receipts and objections that a person decides about, through the real flows on a small practice year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import select
from year_kit import BULLETIN_NUMBER, CLERK, LEADER, NUMBER, SILENT, YEAR, Year, cycle, decide, on

from flows.advance_cycle import advance_cycle
from flows.collect_submissions import collect_submissions
from flows.decide_objection import decide_objection, list_objections
from flows.forms import ExtensionForm, NoticeForm, PublicationForm
from flows.handle_receipt import handle_receipt, list_receipts
from flows.issue_notice import amend_notice, discard_notice, issue_notice, prepare_notice
from flows.letter_forms import (
    AmendNoticeForm,
    CorrectedLine,
    DiscardNoticeForm,
    FailedLetterAction,
    FailedLetterForm,
    NoticeAmendment,
    ObjectionDecision,
    ObjectionForm,
    ReceiptDecision,
    ReceiptForm,
)
from flows.mail_desk import handle_failed_letter
from flows.publish_results import prepare_publication
from flows.remind_departments import extend_deadline, remind_departments
from flows.send_outbox import send_outbox
from flows.show_board import show_board
from models.records import Contact, Letter, Objection, OutcomeRecord, Review, ReviewLine
from models.states import (
    ContactRole,
    CycleState,
    Decision,
    Gate,
    LetterKind,
    LetterState,
    ObjectionState,
    ReceiptOutcome,
    Stage,
    SubmissionState,
)
from tasks import lookup, settings, store, verification
from tasks.mail import token
from tasks.mail.token import Purpose
from tasks.practice import post
from tasks.stages import board, desk, double_review, objections
from tasks.stages.notice import NoticeError
from tasks.stages.objection_decisions import ObjectionError
from tasks.stages.publication import PublicationError

Y: dict[str, Any] = {"fiscal_year": YEAR.fiscal_year, "operator": CLERK}
WITHDRAW = AmendNoticeForm(
    **Y, amendment=NoticeAmendment.WITHDRAW, document_number="清财绩〔2026〕6号", reason="工作安排调整"
)


def write_in(
    year: Year, code: str, subject: str, text: str, files: tuple[Path, ...] = (), sender: str | None = None
) -> None:
    """A mail from a department's contact, or from somebody else."""
    contact = year.world.county.department(code).contact
    address = sender or contact.address
    assert address is not None
    post.mail_in(
        settings.current().mailbox_folder,
        f"test.{code}.{abs(hash((subject, text, address)))}",
        sender=(contact.name, address),
        to=settings.current().mail_from,
        subject=subject,
        text=text,
        files=files,
    )


def object_to(year: Year, code: str, text: str = "第3项得分有误，佐证材料已补充。") -> int:
    """A department objects by answering its result letter; the number of the objection."""
    write_in(year, code, f"回复：{token.make(YEAR.fiscal_year, code, Purpose.OBJECTION)}", text)
    assert collect_submissions(YEAR, return_state=True).is_completed()
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), code)
        return db.exec(select(Objection).where(Objection.submission_id == submission.id)).all()[-1].id


def answer_form(number: int, **changes: Any) -> ObjectionForm:
    with store.session() as db:
        seen = objections.digest_of(db, db.get_one(Objection, number))
    given = {
        "objection": number,
        "digest": seen[:12],
        "decision": ObjectionDecision.REJECTED,
        "reason": "经核对，原得分无误。",
    }
    return ObjectionForm(**(Y | {"operator": LEADER} | given | changes))


def drawn_and_not() -> tuple[str, str]:
    """A department that was reviewed and one that was not, both with a result."""
    with store.session() as db:
        found = {
            double_review.reviewed(db, cycle(db), s) is not None: d.code
            for s, d in lookup.submissions(db, cycle(db))
            if s.state is SubmissionState.ACCEPTED
        }
    return found[True], found[False]


def versions_of(code: str) -> list[OutcomeRecord]:
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), code)
        return list(db.exec(select(OutcomeRecord).where(OutcomeRecord.submission_id == submission.id)))


def raised(code: str) -> CorrectedLine:
    """A line of a department's result that is not at its maximum, with the maximum."""
    line = next(
        line
        for line in versions_of(code)[-1].outcome["lines"]
        if line["self"] is not None and line["final"] != line["maximum"]
    )
    return CorrectedLine(rule=line["rule"], score=Decimal(line["maximum"]), reason="补充的佐证材料证明已完成。")


def test_a_withdrawn_notice_takes_the_year_back_and_another_can_be_issued(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    before = len(year.arrived())
    amend_notice(WITHDRAW)
    amend_notice(WITHDRAW)
    send_outbox(YEAR)
    assert len(year.arrived()) == before
    assert year.state() is CycleState.COLLECTING
    decide(Gate.NOTICE)
    issue_notice(YEAR)
    issue_notice(YEAR)
    assert year.state() is CycleState.DRAFTING
    send_outbox(YEAR)
    assert len(year.arrived()) == before + 5
    assert {letter.state for letter in year.letters(LetterKind.NOTICE)} == {LetterState.SENT}
    withdrawn = [letter for letter in year.letters(LetterKind.NOTICE) if letter.number == 2]
    assert all("撤回" in letter.subject and "工作安排调整" in letter.text for letter in withdrawn)
    assert all("请于" not in letter.text for letter in withdrawn)
    year.at(on(5, 1))
    assert remind_departments(YEAR, return_state=True).name == "无需办理"
    year.at(on(3, 25))
    prepare_notice(NoticeForm(**Y, document_number="清财绩〔2026〕7号"))
    decide(Gate.NOTICE)
    advance_cycle(YEAR)
    assert year.state() is CycleState.COLLECTING
    assert sorted(letter.number for letter in year.letters(LetterKind.NOTICE, SILENT)) == [1, 2, 3]


def test_a_corrected_notice_moves_the_deadline_only_once_it_is_approved(year_at: Any) -> None:
    year = year_at("collecting", on(3, 20))
    form = AmendNoticeForm(
        **Y, amendment=NoticeAmendment.CORRECT, document_number="清财绩〔2026〕6号", reason="报送截止日期有误",
        submit_by=date(2026, 5, 8),
    )  # fmt: skip
    amend_notice(form)
    with store.session() as db:
        assert lookup.stage_dates(db, cycle(db))[Stage.SUBMIT_BY].due_on == date(2026, 4, 30)
    decide(Gate.NOTICE)
    issue_notice(YEAR)
    send_outbox(YEAR)
    with store.session() as db:
        assert lookup.stage_dates(db, cycle(db))[Stage.SUBMIT_BY].due_on == date(2026, 5, 8)
    corrected = [letter for letter in year.letters(LetterKind.NOTICE) if letter.number == 2]
    assert len(corrected) == 5
    assert all(letter.state is LetterState.SENT and "2026年5月8日" in letter.text for letter in corrected)
    assert year.state() is CycleState.COLLECTING
    assert list(settings.current().folder("documents").glob("*更正*.docx"))


def test_a_correction_without_content_and_a_withdrawal_with_content_are_refused() -> None:
    common = {**Y, "document_number": "清财绩〔2026〕6号", "reason": "有误"}
    with pytest.raises(ValidationError, match="更正须填写"):
        AmendNoticeForm(**common, amendment=NoticeAmendment.CORRECT)
    with pytest.raises(ValidationError, match="更正须填写"):
        AmendNoticeForm(**common, amendment=NoticeAmendment.WITHDRAW, submit_by=date(2026, 5, 8))


def test_a_prepared_notice_can_be_taken_back_and_prepared_under_another_number(year_at: Any) -> None:
    year = year_at("notice_prepared", on(3, 10))
    with pytest.raises(NoticeError, match="请先撤销"):
        prepare_notice(NoticeForm(**Y, document_number="清财绩〔2026〕8号"))
    discard_notice(DiscardNoticeForm(**Y, reason="文号用错"))
    with pytest.raises(NoticeError, match="没有待批"):
        discard_notice(DiscardNoticeForm(**Y, reason="文号用错"))
    assert issue_notice(YEAR, return_state=True).name == "无需办理"
    prepare_notice(NoticeForm(**Y, document_number="清财绩〔2026〕8号"))
    decide(Gate.NOTICE)
    advance_cycle(YEAR)
    sent = [letter for letter in year.letters(LetterKind.NOTICE) if letter.state is LetterState.SENT]
    assert len(sent) == len(year.arrived()) == 5
    assert all("清财绩〔2026〕8号" in letter.text and NUMBER not in letter.text for letter in sent)


def test_a_draft_follows_an_address_that_was_corrected_before_the_approval(year_at: Any) -> None:
    year = year_at("notice_prepared", on(3, 10))
    with store.session() as db:
        contact = lookup.contact_of(db, lookup.submission_of(db, cycle(db), "105")[1])
        assert contact is not None
        contact.address = "new.address@qinghe.example"
        db.add(contact)
    prepare_notice(NoticeForm(**Y, document_number=NUMBER))
    decide(Gate.NOTICE)
    advance_cycle(YEAR)
    assert [m.message()["To"].count("new.address@qinghe.example") for m in year.arrived() if m.code == "105"] == [1]


def test_a_leader_without_a_usable_address_is_named_and_does_not_stop_the_notice(year_at: Any) -> None:
    year_at("notice_prepared", on(3, 10))
    with store.session() as db:
        _, department = lookup.submission_of(db, cycle(db), "105")
        leader = Contact(
            department_id=department.id, name="某某", role=ContactRole.LEADER, address="a..b@qinghe.example"
        )
        db.add(leader)
    state = prepare_notice(NoticeForm(**Y, document_number=NUMBER), return_state=True)
    assert "a..b@qinghe.example" in (state.message or "")
    assert [row["地址"] for row in desk.letters(YEAR.fiscal_year)] == ["a..b@qinghe.example"]


def test_a_refused_extension_is_told_and_changes_no_deadline(year_at: Any) -> None:
    year = year_at("corrected", on(4, 20))
    refuse = ExtensionForm(
        **Y, department=SILENT, decision=Decision.REFUSED, until=date(2026, 5, 8), reason="理由不充分。"
    )
    extend_deadline(refuse)
    extend_deadline(refuse)
    [letter] = year.letters(LetterKind.EXTENSION)
    assert "不同意延期" in letter.text
    assert year.submission(SILENT).extended_to is None


def test_a_granted_extension_moves_the_reminders_of_that_department_only(year_at: Any) -> None:
    year = year_at("corrected", on(4, 20))
    extend_deadline(ExtensionForm(**Y, department=SILENT, until=date(2026, 5, 8), reason="人员调整。"))
    year.at(on(5, 1))
    remind_departments(YEAR)
    told = [letter for letter in year.letters(LetterKind.REMINDER, SILENT) if "逾期" in letter.subject]
    assert told == []
    with pytest.raises(ValueError, match="早于评分日"):
        extend_deadline(ExtensionForm(**Y, department=SILENT, until=date(2026, 5, 20), reason="人员调整。"))


def test_material_of_an_unknown_sender_waits_is_released_by_name_and_becomes_a_version(
    year_at: Any, tmp_path: Path
) -> None:
    year = year_at("collecting", on(3, 20))
    report = tmp_path / "自评报告.docx"
    report.write_bytes(b"PK not a report, but material")
    write_in(year, SILENT, "自评材料", "换人了，用新邮箱报送。", (report,), sender="new.person@elsewhere.example")
    write_in(year, SILENT, token.make(YEAR.fiscal_year, SILENT), "我单位申请延期至5月8日。")
    collect_submissions(YEAR)
    held, words = desk.receipts(YEAR.fiscal_year)
    assert (held["类别"], words["类别"]) == (ReceiptOutcome.QUARANTINED.label, ReceiptOutcome.IGNORED.label)
    assert "申请延期" in words["原因或正文"]
    form = {**Y, "reason": "电话核实，系新任经办人。"}
    with pytest.raises(ValidationError, match="部门代码"):
        ReceiptForm(**form, receipt=held["收件编号"], decision=ReceiptDecision.RELEASE)
    handle_receipt(ReceiptForm(**form, receipt=held["收件编号"], decision=ReceiptDecision.RELEASE, department=SILENT))
    assert year.submission(SILENT).state is SubmissionState.RECEIVED
    handle_receipt(ReceiptForm(**form, receipt=words["收件编号"], decision=ReceiptDecision.KEEP_OUT))
    assert desk.receipts(YEAR.fiscal_year) == []
    assert list_receipts(YEAR, return_state=True).name == "无需办理"


def test_a_failed_letter_goes_to_the_corrected_address_and_then_the_collection_begins(year_at: Any) -> None:
    year = year_at("notice_approved", on(3, 10))
    issue_notice(YEAR)
    with store.session() as db:
        letter = db.exec(select(Letter).order_by(Letter.key)).first()
        assert letter is not None
        letter.state, letter.error = LetterState.FAILED, "550 没有这个用户"
        db.add(letter)
    advance_cycle(YEAR)
    assert year.state() is CycleState.ISSUED
    form = {**Y, "letter": letter.id, "reason": "名册邮箱已更正。"}
    with pytest.raises(desk.DeskError, match="名册中的地址仍是"):
        handle_failed_letter(FailedLetterForm(**form, action=FailedLetterAction.READDRESS))
    with store.session() as db:
        contact = db.exec(select(Contact).where(Contact.address == letter.to_address)).one()
        contact.address = "right@qinghe.example"
        db.add(contact)
    handle_failed_letter(FailedLetterForm(**form, action=FailedLetterAction.READDRESS))
    advance_cycle(YEAR)
    assert year.state() is CycleState.COLLECTING
    assert sum("right@qinghe.example" in m.message()["To"] for m in year.arrived()) == 1


@pytest.mark.parametrize("drawn", [True, False], ids=["reviewed", "not drawn"])
def test_an_upheld_objection_makes_a_new_version_and_keeps_the_old_one(year_at: Any, drawn: bool) -> None:
    year = year_at("objection", on(9, 3))
    code = drawn_and_not()[0 if drawn else 1]
    [before] = versions_of(code)
    number = object_to(year, code)
    [received] = year.letters(LetterKind.OBJECTION_RECEIVED)
    assert "第3项得分有误" in received.text
    line = raised(code)
    with store.session() as db:
        reviewed = [row.model_dump() for row in db.exec(select(ReviewLine))]
    form = answer_form(number, decision=ObjectionDecision.UPHELD, reason="补充材料属实。", corrections=[line])
    decide_objection(form)
    decide_objection(form)
    first, second = versions_of(code)
    assert first.model_dump() == before.model_dump()
    assert second.number == 2
    assert second.final_score is not None
    assert before.final_score is not None
    assert second.final_score > before.final_score
    changed = next(row for row in second.outcome["lines"] if row["rule"] == line.rule)
    assert Decimal(changed["final"]) == line.score
    assert "经申诉" in changed["explanation"]
    assert [letter.number for letter in year.letters(LetterKind.RESULT, code)] == [1, 2]
    [decided] = year.letters(LetterKind.OBJECTION_DECIDED)
    assert "申诉成立" in decided.text
    with store.session() as db:
        assert [row.model_dump() for row in db.exec(select(ReviewLine))] == reviewed
    assert verification.verify().differences == ()
    list_objections(YEAR)
    collect_submissions(YEAR)
    assert len(year.letters(LetterKind.OBJECTION_RECEIVED)) == 1


def test_nothing_is_published_while_an_objection_is_undecided(year_at: Any) -> None:
    year = year_at("objection", on(9, 3))
    code, _ = drawn_and_not()
    number = object_to(year, code)
    year.at(on(10, 15))
    with pytest.raises(PublicationError, match=f"编号{number}"):
        prepare_publication(PublicationForm(**Y, document_number=BULLETIN_NUMBER))
    [before] = versions_of(code)
    decide_objection(answer_form(number))
    assert versions_of(code) == [before]
    [decided] = year.letters(LetterKind.OBJECTION_DECIDED)
    assert "维持原评价结果" in decided.text
    assert prepare_publication(PublicationForm(**Y, document_number=BULLETIN_NUMBER), return_state=True).is_completed()


def test_an_objection_after_the_last_day_is_kept_answered_and_holds_nothing_up(year_at: Any) -> None:
    year = year_at("objection", on(10, 9))
    code, _ = drawn_and_not()
    number = object_to(year, code)
    with store.session() as db:
        assert db.get_one(Objection, number).state is ObjectionState.LATE
    [letter] = year.letters(LetterKind.OBJECTION_RECEIVED)
    assert "申诉逾期告知" in letter.subject
    assert "超过期限" in letter.text
    year.at(on(10, 15))
    assert prepare_publication(PublicationForm(**Y, document_number=BULLETIN_NUMBER), return_state=True).is_completed()


def test_a_decision_on_stale_content_or_by_the_reviewer_is_refused(year_at: Any) -> None:
    year = year_at("objection", on(9, 3))
    code, _ = drawn_and_not()
    number = object_to(year, code)
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), code)
        reviewer = db.exec(select(Review).where(Review.submission_id == submission.id)).one().reviewer
    with pytest.raises(ObjectionError, match="有变化"):
        decide_objection(answer_form(number, digest="0" * 12))
    with pytest.raises(ObjectionError, match="复核人员"):
        decide_objection(answer_form(number, operator=reviewer))
    too_much = CorrectedLine(rule=raised(code).rule, score=Decimal(99), reason="补充材料。")
    with pytest.raises(ObjectionError, match="超出范围"):
        decide_objection(answer_form(number, decision=ObjectionDecision.UPHELD, corrections=[too_much]))
    with pytest.raises(ValidationError, match="维持原结果"):
        answer_form(number, corrections=[raised(code)])
    decide_objection(answer_form(number))
    with pytest.raises(ObjectionError, match="不能改判"):
        decide_objection(answer_form(number, decision=ObjectionDecision.UPHELD))


def test_the_board_shows_each_department_once_and_only_what_changed(year_at: Any) -> None:
    year = year_at("returned", on(4, 1))
    first = show_board(YEAR, return_state=True)
    again = show_board(YEAR, return_state=True)
    assert "5个部门有变化" in (first.message or "")
    assert "0个部门有变化" in (again.message or "")
    assert (settings.current().folder("documents") / f"进度台账-{YEAR.fiscal_year}.xlsx").is_file()
    made = board.board(YEAR.fiscal_year)
    rows = {row.code: row for row in made.view.rows}
    assert set(rows) == {d.code for d in year.world.county.departments}
    assert rows[SILENT].versions == 0
    assert rows[SILENT].told == "2026-03-10已发送"
    assert sum(row.returned for row in made.view.rows) == len(year.letters(LetterKind.CORRECTION))
