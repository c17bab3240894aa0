"""Approved targets: imported whole or not at all, kept by version; the notice follows them, material is held against them."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select
from year_kit import CLERK, LEADER, NUMBER, YEAR, audit_events, cycle, decide, on, rows

from flows.collect_submissions import collect_submissions
from flows.decide_gate import decide_gate
from flows.forms import GateForm, ImportTargetsForm, NoticeForm
from flows.issue_notice import prepare_notice
from flows.open_year import import_targets
from flows.parse_submissions import parse_submissions
from models.correctable import facts_in
from models.facts import Severity
from models.records import Approval, FindingRecord, LetterAttachment, TargetVersion
from models.states import Decision, Gate, LetterKind, SubmissionState
from tasks import filestore, lookup, settings, store
from tasks.practice import people, post
from tasks.practice.county_model import PracticeDepartment
from tasks.practice.county_story import Files
from tasks.practice.reports import write_submission
from tasks.stages import approval_check, approved, corrections, effective, notice, targets
from tasks.stages.figures import ImportRefusedError
from tasks.stages.gates import GateError
from tasks.stages.notice import NoticeError
from tasks.writing.targets_workbook import SHEET

NOTICE = NoticeForm(fiscal_year=YEAR.fiscal_year, document_number=NUMBER, operator=CLERK)
# A department whose material is accepted, and one of its indicators.
CODE, INDICATOR, TARGET = "112", "收运垃圾数量", "2900"


def _form(path: Path) -> ImportTargetsForm:
    return ImportTargetsForm(fiscal_year=YEAR.fiscal_year, workbook=path, operator=CLERK)


def _changed(name: str, target: Any) -> Path:
    """The form that is laid out for staff, with another target for one indicator."""
    book = load_workbook(io.BytesIO(targets.targets_template(YEAR.fiscal_year)))
    sheet = book[SHEET]
    row = next(r for r in range(4, sheet.max_row) if sheet.cell(r, 1).value == CODE and sheet.cell(r, 9).value == name)
    sheet.cell(row, 11).value = target
    path = settings.current().home / f"批复-{target}.xlsx"
    book.save(path)
    return path


def _versions() -> list[tuple[int, str]]:
    with store.session() as db:
        return [(v.number, v.imported_by) for v in db.exec(select(TargetVersion).order_by(col(TargetVersion.number)))]


def _matter() -> Approval:
    with store.session() as db:
        found = lookup.latest_approval(db, cycle(db), Gate.NOTICE)
    assert found is not None
    return found


def _workbook_of(year: Any) -> Any:
    """The department's workbook as it hangs on its newest notice letter."""
    letter = max(year.letters(LetterKind.NOTICE, CODE), key=lambda letter: letter.number)
    with store.session() as db:
        files = db.exec(select(LetterAttachment).where(LetterAttachment.letter_id == letter.id)).all()
    [file] = [file for file in files if file.name.endswith(".xlsx")]
    return load_workbook(io.BytesIO(filestore.path_of(file.sha256).read_bytes()))


def _target_in(book: Any) -> Any:
    return next(
        sheet.cell(row, 5)
        for sheet in book.worksheets[2:]
        for row in range(13, 30)
        if sheet.cell(row, 3).value == INDICATOR
    )


def _stored(*, standing: bool = True) -> list[tuple[str, Severity]]:
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), CODE)
        reading = lookup.latest_reading(db, submission.accepted_version_id or 0)
        assert reading is not None
        query = select(FindingRecord).where(FindingRecord.reading_id == reading.id)
        found = db.exec(query.order_by(col(FindingRecord.number))).all()
    return [
        (row.code, row.severity)
        for row in found
        if row.code.startswith("approved-") and (row.dismissed_by is None) is standing
    ]


def test_the_notice_carries_the_approved_targets_locked(year_at: Any) -> None:
    year = year_at("notice_prepared", on(3, 10))
    cell = _target_in(_workbook_of(year))
    assert (str(cell.value), cell.protection.locked) == (TARGET, True)
    letter = year.letters(LetterKind.NOTICE, CODE)[0]
    assert "项批复的绩效指标（含指标性质、指标值、单位和权重）" in letter.html
    assert _matter().summary["targets"] == 1


def test_one_broken_row_imports_nothing_and_is_named(year_at: Any) -> None:
    year_at("opened", on(3, 8))
    before = rows()
    with pytest.raises(ImportRefusedError, match=r"单元格K\d+：“约3000吨”不是数字"):
        import_targets(_form(_changed(INDICATOR, "约3000吨")))
    assert rows() == before and _versions() == [(1, "禾一鸣")]


def test_the_same_content_makes_no_version_a_change_makes_one_and_the_old_stays(year_at: Any) -> None:
    year_at("opened", on(3, 8))
    import_targets(_form(_changed(INDICATOR, int(TARGET))))
    events = audit_events()
    assert len(_versions()) == 1
    import_targets(_form(_changed(INDICATOR, 3000)))
    assert _versions() == [(1, "禾一鸣"), (2, CLERK)]
    assert audit_events() == events + 1
    with store.session() as db:
        told = approved.of_version(db, db.exec(select(TargetVersion).where(TargetVersion.number == 1)).one())
    assert TARGET in {line.target for project in told[CODE] for line in project.indicators}


def test_an_import_after_the_notice_was_prepared_voids_the_approval_asked_for(year_at: Any) -> None:
    year = year_at("notice_prepared", on(3, 10))
    old = _matter().digest
    said = import_targets(_form(_changed(INDICATOR, 3000)), return_state=True).message
    assert "请重新运行“拟办通知”" in said
    stale = GateForm(
        fiscal_year=YEAR.fiscal_year, gate=Gate.NOTICE, digest=old, approver=LEADER, decision=Decision.APPROVED
    )
    with pytest.raises(GateError):
        decide_gate(stale)
    prepare_notice(NOTICE)
    assert _matter().digest != old and _target_in(_workbook_of(year)).value == 3000
    with pytest.raises(GateError, match="有变化"):
        decide_gate(stale)
    decide(Gate.NOTICE)
    assert "5封通知待发送" in str(notice.release(YEAR.fiscal_year))


def test_an_approved_notice_does_not_leave_with_targets_that_changed_since(year_at: Any) -> None:
    year = year_at("notice_approved", on(3, 10))
    import_targets(_form(_changed(INDICATOR, 3000)))
    with pytest.raises(NoticeError, match="已不是现行批复"):
        notice.release(YEAR.fiscal_year)
    assert year.arrived() == []
    prepare_notice(NOTICE)
    assert notice.release(YEAR.fiscal_year) is None, "the new content waits for its own approval"


def test_after_the_issue_nothing_sent_changes_and_staff_are_told_who_holds_something_else(year_at: Any) -> None:
    year = year_at("collecting", on(3, 15))
    before = [letter.html for letter in year.letters(LetterKind.NOTICE)]
    said = import_targets(_form(_changed(INDICATOR, 3000)), return_state=True).message
    assert "部门手中的工作簿是第1版批复" in said and "青柳镇" in said and "教育局" not in said
    assert "更正或撤回通知" in said
    assert [letter.html for letter in year.letters(LetterKind.NOTICE)] == before
    assert str(_target_in(_workbook_of(year)).value) == TARGET


def test_material_is_held_against_the_approval_and_again_when_it_changes(year_at: Any) -> None:
    year_at("late_in", on(5, 9))
    assert {code for code, _ in _stored()} == {"approved-agrees"}
    confirmed = len(_stored())
    import_targets(_form(_changed(INDICATOR, 3000)))
    approval_check.settle_all(YEAR.fiscal_year)
    # What was sent with the notice was followed: told, not blamed.
    assert ("approved-target", Severity.INFORMATION) in _stored() and len(_stored()) == confirmed
    assert len(_stored(standing=False)) == 1
    assert approval_check.settle_all(YEAR.fiscal_year) == 0
    import_targets(_form(_changed(INDICATOR, int(TARGET))))
    approval_check.settle_all(YEAR.fiscal_year)
    assert {code for code, _ in _stored()} == {"approved-agrees"}


def test_a_corrected_reading_is_held_against_the_approval_at_once(year_at: Any) -> None:
    year_at("late_in", on(5, 9))
    with store.session() as db:
        now = effective.newest(db, lookup.submission_of(db, cycle(db), CODE)[0])
        assert now is not None
    path = next(p for p, fact in facts_in(now.read).items() if INDICATOR in p and p.endswith("/target"))
    record = (YEAR.fiscal_year, CODE, path)
    corrections.record_one(*record, "2000", "与原件核对，应为2000。", CLERK)
    assert ("approved-target", Severity.ERROR) in _stored()
    corrections.record_one(*record, "（撤销）", "看错了行。", CLERK)
    assert {code for code, _ in _stored()} == {"approved-agrees"}
    assert ("approved-target", Severity.ERROR) in _stored(standing=False)


def test_the_workbook_sent_with_the_notice_is_filled_sent_back_and_read_with_every_line(
    year_at: Any, tmp_path: Path
) -> None:
    year = year_at("collecting", on(3, 16))
    department = year.world.county.department(CODE)
    # The report without its project tables; these come in the workbook that hangs on the letter.
    apart = department.attempt(1).model_copy(update={"files": Files.DOCX_XLSX})
    story = department.story.model_copy(update={"attempts": (apart,)})
    report, _ = write_submission(department.model_copy(update={"story": story}), YEAR.fiscal_year, 1, tmp_path)
    [letter] = year.world.letters_to(CODE, LetterKind.NOTICE, on(3, 16).date())
    [(name, content)] = [(n, c) for n, c in people.attachments(letter) if n.endswith(".xlsx")]
    workbook = tmp_path / name
    workbook.write_bytes(_filled(content, department))
    post.mail_in(
        year.world.settings.mailbox_folder,
        "filled",
        sender=(department.contact.name, department.contact.address or ""),
        to=year.world.settings.mail_from,
        subject="我单位自评材料",
        text="现报送自评报告和填好的工作簿。",
        files=[report, workbook],
    )
    collect_submissions(YEAR)
    parse_submissions(YEAR)
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), CODE)
        now = effective.newest(db, submission)
    assert submission.state is SubmissionState.ACCEPTED and now is not None
    own = [line for project in department.projects for line in project.indicators]
    read = [line for line in now.facts.indicators if line.project is not None]
    assert {(x.level3, x.actual, x.score) for x in read} == {(x.name, Decimal(x.actual), x.score) for x in own}
    assert {code for code, _ in _stored()} == {"approved-agrees"}


def _filled(content: bytes, department: PracticeDepartment) -> bytes:
    """The workbook as the department fills it in."""
    book = load_workbook(io.BytesIO(content))
    for number, project in enumerate(department.projects, 1):
        sheet = book[f"项目{number}"]
        assert sheet["C2"].value == project.name and sheet["C6"].protection.locked
        sheet["D6"], sheet["E6"], sheet["H6"] = project.adjusted, project.executed, project.execution_score
        for row, line in enumerate(project.indicators, 13):
            sheet.cell(row, 7).value, sheet.cell(row, 9).value = Decimal(line.actual), line.score
            sheet.cell(row, 10).value = line.reason
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
