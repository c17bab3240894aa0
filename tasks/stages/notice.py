"""The yearly notice (印发通知): prepared with everything that goes with it, approved as a whole, released once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models import rules
from models.numbers import trimmed
from models.records import Contact, Cycle, Department, Letter, LetterAttachment
from models.rules import RuleSet
from models.states import CycleState, Gate, LetterKind, LetterState, Stage
from tasks import filestore, lookup, settings, store
from tasks.mail import cleaning, compose, decisions
from tasks.mail.contexts import NoticeContext
from tasks.stages import gates, moves
from tasks.stages.scoring import digest
from tasks.writing.department_workbook import DepartmentWorkbookView, ProjectPlan, write_department_workbook
from tasks.writing.notice import NoticeView, write_notice
from tasks.writing.outline import OutlineView, write_outline
from tasks.writing.rubric import rubric_rows

WHO = "系统"


class NoticeError(ValueError):
    """A notice that cannot be prepared (不能拟办通知); the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class Prepared:
    """What waits for approval (待批内容): its digest and a row per letter."""

    digest: str
    rows: tuple[dict[str, Any], ...]


def prepare(fiscal_year: int, document_number: str, who: str) -> Prepared:
    """Write the notice and a letter with attachments for every department as drafts, and put them to the approver.

    Repeatable with the same number. Raises NoticeError when the year is past this stage, was prepared under another
    number, or a department has no working address.
    """
    document_number = document_number.strip()
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.document_number not in (None, document_number):
            raise NoticeError(f"通知已按文号{cycle.document_number}拟办，不能再用{document_number}。")
        if cycle.state is not CycleState.DRAFTING and cycle.document_number is None:
            raise NoticeError(f"年度处于“{cycle.state.label}”阶段，不能再拟办通知。")
        _refuse_without_address(db, cycle)
        if cycle.document_number is None:
            cycle.document_number = document_number
            db.add(cycle)
            store.record(db, who, "notice.numbered", str(fiscal_year), None, {"document_number": document_number})
        ruleset = rules.load(cycle.ruleset_id)
        dates = {stage: row.due_on for stage, row in lookup.stage_dates(db, cycle).items()}
        common = _common_files(cycle, ruleset, dates)
        for _, department in lookup.submissions(db, cycle):
            _draft(db, cycle, ruleset, department, dates[Stage.SUBMIT_BY], common)
        db.flush()
        prepared = Prepared(*_content(db, cycle))
        if cycle.state is CycleState.DRAFTING:
            summary = {"document_number": document_number, "letters": len(prepared.rows)}
            gates.put_before(db, cycle, Gate.NOTICE, prepared.digest, who, summary)
    _keep_copies(common)
    return prepared


def _refuse_without_address(db: Session, cycle: Cycle) -> None:
    without = [
        f"{department.name}（{department.code}）"
        for _, department in lookup.submissions(db, cycle)
        if (contact := lookup.contact_of(db, department)) is None or not cleaning.valid_address(contact.address)
    ]
    if without:
        raise NoticeError(f"以下部门没有可用的邮箱地址，请先在部门名册中补充后重新导入：{'、'.join(without)}。")


def _common_files(cycle: Cycle, ruleset: RuleSet, dates: dict[Stage, date]) -> list[tuple[str, bytes]]:
    """The notice and the outline of the report, the same for every department."""
    claim = trimmed(ruleset.claimable_maximum) if ruleset.claimable_maximum is not None else ""
    unclaimed = "、".join(rule.label for rule in ruleset.rules if not rule.claimed_by_department)
    names = settings.current()
    notice = NoticeView(
        bureau=cycle.bureau,
        document_number=cycle.document_number or "",
        title=f"关于开展{cycle.fiscal_year}年度部门整体支出绩效自评和评价工作的通知",
        fiscal_year=cycle.fiscal_year,
        addressees="县级各预算部门",
        submit_by=dates[Stage.SUBMIT_BY],
        mailbox=names.mail_from,
        contact=names.contact_name or cycle.office,
        phone=names.contact_phone,
        issued_on=dates[Stage.NOTICE],
        attachments=("部门整体支出绩效自评报告提纲", "绩效自评工作簿"),
        stage_dates=dates,
        max_claim=claim,
        unclaimed_line=unclaimed,
        basis=(ruleset.citation.spoken(),),
    )
    outline = OutlineView(
        bureau=cycle.bureau, fiscal_year=cycle.fiscal_year, rubric=tuple(rubric_rows(ruleset)), max_claim=claim
    )
    return [
        (f"{cycle.fiscal_year}年度绩效评价工作通知.docx", write_notice(notice)),
        ("部门整体支出绩效自评报告提纲.docx", write_outline(outline)),
    ]


def _draft(
    db: Session,
    cycle: Cycle,
    ruleset: RuleSet,
    department: Department,
    submit_by: date,
    common: list[tuple[str, bytes]],
) -> None:
    names = settings.current()
    workbook = write_department_workbook(
        DepartmentWorkbookView(
            fiscal_year=cycle.fiscal_year,
            code=department.code,
            department=department.name,
            bureau=cycle.bureau,
            max_claim=ruleset.claimable_maximum,
            rubric=tuple(rubric_rows(ruleset)),
            projects=tuple(ProjectPlan(name=name) for name in department.projects),
            submit_by=submit_by.isoformat(),
            mailbox=names.mail_from,
        )
    )
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.NOTICE,
        department=department,
        context=NoticeContext(
            document_number=cycle.document_number or "",
            deadline=submit_by,
            contact_person=names.contact_name or None,
            contact_phone=names.contact_phone or None,
        ),
        attachments=[*common, (f"绩效自评工作簿-{department.code}-{department.name}.xlsx", workbook)],
        approved=False,
    )


def _letters(db: Session, cycle: Cycle) -> list[Letter]:
    kinds = select(Letter).where(Letter.cycle_id == cycle.id, Letter.kind == LetterKind.NOTICE)
    return list(db.exec(kinds.order_by(col(Letter.key))))


def _content(db: Session, cycle: Cycle) -> tuple[str, tuple[dict[str, Any], ...]]:
    """What is approved: every letter's address, text and attachments; the digest changes with any of them."""
    covered, rows = [], []
    for letter in _letters(db, cycle):
        files = db.exec(select(LetterAttachment).where(LetterAttachment.letter_id == letter.id)).all()
        hashes = sorted(f.sha256 for f in files)
        covered.append([letter.key, letter.to_address, letter.subject, letter.html, hashes])
        rows.append({"收件人": letter.to_name, "地址": letter.to_address, "主题": letter.subject, "附件": len(files)})
    return digest(covered), tuple(rows)


def _keep_copies(files: list[tuple[str, bytes]]) -> None:
    folder = settings.current().folder("documents")
    for name, content in files:
        filestore.keep(content)
        (folder / name).write_bytes(content)


def release(fiscal_year: int) -> str | None:
    """Release the approved letters (印发通知), and begin to collect when none is left to send; None while not approved."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        matter = lookup.latest_approval(db, cycle, Gate.NOTICE)
        if matter is None or not lookup.approved(db, cycle, Gate.NOTICE, matter.digest):
            return None
        letters = _letters(db, cycle)
        if cycle.state is CycleState.DRAFTING:
            if _content(db, cycle)[0] != matter.digest:
                raise NoticeError("待发通知与批准的内容不一致，请重新拟办并审批。")
            drafts = [letter for letter in letters if letter.state is LetterState.DRAFT]
            decisions.approve(db, drafts, matter.decided_by or "")
            moves.move_cycle(db, cycle, CycleState.ISSUED, matter.decided_by or WHO)
            return f"已批准印发，{len(drafts)}封通知待发送。"
        left = [letter for letter in letters if letter.state not in (LetterState.SENT, LetterState.WITHDRAWN)]
        if cycle.state is CycleState.ISSUED and not left:
            moves.mark_done(db, cycle, Stage.NOTICE)
            moves.move_cycle(db, cycle, CycleState.COLLECTING, WHO)
            return f"{len(letters)}封通知已全部发出，开始收件。"
        return f"尚有{len(left)}封通知未发出。" if left else "通知已印发。"


def undelivered(db: Session, cycle: Cycle) -> list[Contact]:
    """Contacts whose notice bounced or failed (通知未送达的联系人)."""
    failed = [letter.to_address for letter in _letters(db, cycle) if letter.state is LetterState.FAILED]
    return list(db.exec(select(Contact).where(col(Contact.address).in_(failed))))
