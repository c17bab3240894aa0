"""Correcting or withdrawing an issued notice (更正、撤回通知): a numbered document with the reason, approved like the notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from models.records import Cycle, Department, Letter, Submission
from models.states import CycleState, LetterKind, LetterState, Stage
from tasks import clock, lookup, settings, store
from tasks.mail import compose
from tasks.mail.contexts import NoticeContext
from tasks.stages import notice, notice_files
from tasks.stages.notice import NoticeError, Prepared
from tasks.writing.correction import Change, CorrectionKind, CorrectionView, write_correction
from tasks.writing.dates import chinese_date

AMENDABLE = (CycleState.ISSUED, CycleState.COLLECTING)
# A department that may have the notice; one whose letter never left needs no withdrawal.
MAY_HAVE_IT = (LetterState.SENT, LetterState.SENDING, LetterState.UNKNOWN, LetterState.DELIVERED)


def prepare(
    fiscal_year: int,
    *,
    kind: CorrectionKind,
    document_number: str,
    reason: str,
    who: str,
    changes: Sequence[Change] = (),
    submit_by: date | None = None,
) -> Prepared:
    """Prepare a correction or withdrawal (拟办更正或撤回) as drafts and put it to the approver; nothing is sent.

    A correction goes to every department, a withdrawal to those that may have the notice. ``submit_by`` moves the general
    deadline once approved. Raises NoticeError when nothing was issued, something else waits, or the day cannot be.
    """
    document_number, reason = document_number.strip(), reason.strip().rstrip("。")
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        issued = _issued(db, cycle)
        if submit_by is not None:
            changes = [*changes, _new_deadline(db, cycle, submit_by)]
        waiting = notice.drafts(db, cycle)
        number = waiting[0].number if waiting else max(letter.number for letter in notice.letters(db, cycle)) + 1
        attachment = _document(cycle, issued, kind, document_number, reason, changes)
        summary: dict[str, Any] = {
            "document_number": document_number,
            "number": number,
            "amendment": str(kind),
            "reason": reason,
            "submit_by": submit_by.isoformat() if submit_by else None,
            "changes": [[change.before, change.after] for change in changes],
        }
        _refuse_if_another_waits(db, cycle, waiting, summary)
        have_it = {letter.department_id for letter in issued if letter.state in MAY_HAVE_IT}
        for submission, department in lookup.submissions(db, cycle):
            if kind is CorrectionKind.CORRECTED or department.id in have_it:
                context = _context(db, cycle, submission, kind, document_number, reason, changes, submit_by)
                _draft(db, cycle, department, number, context, attachment)
        db.flush()
        prepared = notice.put_before(db, cycle, number, who, summary)
    notice_files.keep_copies([attachment])
    return prepared


def _issued(db: Session, cycle: Cycle) -> list[Letter]:
    """The letters of the notice in force that may have reached somebody."""
    if cycle.state not in AMENDABLE:
        raise NoticeError(f"年度处于“{cycle.state.label}”阶段，只有已印发、尚在收件的通知才能更正或撤回。")
    found = [letter for letter in notice.letters(db, cycle) if letter.state in MAY_HAVE_IT]
    if not found:
        raise NoticeError("通知尚未发出，请直接撤销待发的通知后重新拟办。")
    return found


def _new_deadline(db: Session, cycle: Cycle, submit_by: date) -> Change:
    dates = lookup.stage_dates(db, cycle)
    scoring = dates[Stage.SCORING].due_on
    if not clock.today() < submit_by < scoring:
        raise NoticeError(f"新的报送截止日{submit_by}应晚于今天、早于评分日{scoring}。")
    return Change(
        before=f"自评材料报送截止日期为{chinese_date(dates[Stage.SUBMIT_BY].due_on)}",
        after=f"自评材料报送截止日期为{chinese_date(submit_by)}",
    )


def _refuse_if_another_waits(db: Session, cycle: Cycle, waiting: list[Letter], summary: dict[str, Any]) -> None:
    matter = notice.latest_matter(db, cycle)
    if not waiting or matter is None:
        return
    same = {name: matter.summary.get(name) for name in summary}
    if same != summary:
        raise NoticeError("另有待批的通知或更正，请先审批或撤销后再拟办。")


def _document(
    cycle: Cycle,
    issued: list[Letter],
    kind: CorrectionKind,
    document_number: str,
    reason: str,
    changes: Sequence[Change],
) -> tuple[str, bytes]:
    sent = [letter.sent_at for letter in issued if letter.sent_at is not None]
    names = settings.current()
    contact = "，".join(part for part in (names.contact_name or cycle.office, names.contact_phone) if part)
    content = write_correction(
        CorrectionView(
            kind=kind,
            bureau=cycle.bureau,
            document_number=document_number,
            original_number=cycle.document_number or "",
            original_title=notice_files.title_of(cycle.fiscal_year),
            original_date=clock.local_date(min(sent)) if sent else clock.today(),
            reason=reason,
            issued_on=clock.today(),
            addressees="县级各预算部门",
            changes=tuple(changes),
            contact=contact,
        )
    )
    return f"{cycle.fiscal_year}年度绩效评价工作通知{kind}-{document_number}.docx", content


def _context(
    db: Session,
    cycle: Cycle,
    submission: Submission,
    kind: CorrectionKind,
    document_number: str,
    reason: str,
    changes: Sequence[Change],
    submit_by: date | None,
) -> NoticeContext:
    names = settings.current()
    general = lookup.deadline_of(db, cycle, submission)
    corrected = kind is CorrectionKind.CORRECTED
    passages = "；".join(f"原文“{change.before}”更正为“{change.after}”" for change in changes)
    return NoticeContext(
        document_number=document_number,
        deadline=max(submission.extended_to or submit_by, submit_by) if submit_by else general,
        contact_person=names.contact_name or None,
        contact_phone=names.contact_phone or None,
        correction=f"{passages}。原因：{reason}。" if corrected else None,
        withdrawal=None if corrected else f"{reason}。",
    )


def _draft(
    db: Session, cycle: Cycle, department: Department, number: int, context: NoticeContext, file: tuple[str, bytes]
) -> None:
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.NOTICE,
        number=number,
        department=department,
        context=context,
        attachments=[file],
        approved=False,
    )
