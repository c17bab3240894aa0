"""The yearly notice (印发通知): prepared with everything that goes with it, approved as a whole, released once.

A notice and what amends it are series of letters of one kind, told apart by their number: the first notice is 1, the next
series 2, and so on. Which series a matter at the gate is about stands in its summary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models import rules
from models.approved import prefilled
from models.records import Approval, Contact, Cycle, Department, Letter, LetterAttachment
from models.rules import RuleSet
from models.states import CycleState, Decision, Gate, LetterKind, LetterState, Stage
from tasks import clock, lookup, settings, store
from tasks.mail import cleaning, compose, decisions, delivery
from tasks.mail.contexts import NoticeContext
from tasks.stages import approved, gates, moves, notice_effects, notice_files, notice_targets
from tasks.stages.scoring import digest

WHO = "系统"
# While a notice can still be prepared: before it is issued, and afterwards for departments that came later.
PREPARABLE = (CycleState.DRAFTING, CycleState.ISSUED, CycleState.COLLECTING)
# Letters that still have to leave, or that a person has to decide about, before the collection begins.
ON_THE_WAY = (
    LetterState.APPROVED,
    LetterState.SENDING,
    LetterState.UNKNOWN,
    LetterState.FAILED,
    LetterState.TO_DELIVER,
)


class NoticeError(ValueError):
    """A notice that cannot be prepared (不能拟办通知); the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class Prepared:
    """What waits for approval (待批内容): its digest and a row per letter; ``warnings`` name contacts without an address."""

    digest: str
    rows: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...] = ()


def prepare(fiscal_year: int, document_number: str, who: str) -> Prepared:
    """Write the notice and a letter with attachments for every department as drafts, and put them to the approver.

    Repeatable with the same number; a draft follows a corrected address, and a department that came later gets its own.
    Raises NoticeError when the year is past this stage, was prepared under another number, or a department has no working
    address.
    """
    document_number = document_number.strip()
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.document_number not in (None, document_number):
            raise NoticeError(
                f"通知已按文号{cycle.document_number}拟办，不能再用{document_number}；如需更换，请先撤销待批通知。"
            )
        if cycle.state not in PREPARABLE:
            raise NoticeError(f"年度处于“{cycle.state.label}”阶段，不能再拟办通知。")
        warnings = _refuse_without_address(db, cycle)
        number = _series(db, cycle)
        if cycle.document_number is None:
            cycle.document_number = document_number
            db.add(cycle)
            store.record(db, who, "notice.numbered", str(fiscal_year), None, {"document_number": document_number})
        ruleset = rules.load(cycle.ruleset_id)
        dates = {stage: row.due_on for stage, row in lookup.stage_dates(db, cycle).items()}
        common = notice_files.common_files(cycle, ruleset, dates)
        own = [
            _draft(db, cycle, ruleset, department, lookup.deadline_of(db, cycle, submission), common, number, who)
            for submission, department in lookup.submissions(db, cycle)
        ]
        decisions.readdress(db, drafts(db, cycle, number), who)
        db.flush()
        in_force = notice_targets.number_in_force(db, cycle)
        summary = {"document_number": document_number, "number": number, notice_targets.TARGETS: in_force}
        prepared = put_before(db, cycle, number, who, summary)
    notice_files.keep_copies(common)
    notice_files.keep_copies(own, f"绩效自评工作簿-{fiscal_year}")
    return Prepared(prepared.digest, prepared.rows, tuple(warnings))


def put_before(db: Session, cycle: Cycle, number: int, who: str, summary: dict[str, Any]) -> Prepared:
    """Put the drafts of a series before the approver (提请审批); without drafts nothing new waits."""
    waiting = drafts(db, cycle, number)
    if not waiting:
        matter = lookup.latest_approval(db, cycle, Gate.NOTICE)
        return Prepared(matter.digest if matter else "", content(db, letters(db, cycle, number))[1])
    prepared = Prepared(*content(db, waiting))
    gates.put_before(db, cycle, Gate.NOTICE, prepared.digest, who, summary | {"letters": len(waiting)})
    return prepared


def unusable_addresses(db: Session, cycle: Cycle) -> list[tuple[Department, Contact]]:
    """Contacts that cannot be written to (邮箱不可用的联系人), where nobody has decided to tell them otherwise."""
    otherwise = delivery.all_in_force(db, cycle.id)
    return [
        (department, contact)
        for _, department in lookup.submissions(db, cycle)
        if department.id not in otherwise
        for contact in db.exec(select(Contact).where(Contact.department_id == department.id).order_by(col(Contact.id)))
        if not cleaning.valid_address(contact.address)
    ]


def departments_without_address(db: Session, cycle: Cycle) -> list[Department]:
    """Departments whose letters would reach nobody (没有可用邮箱的部门): no address, and no other way decided."""
    otherwise = delivery.all_in_force(db, cycle.id)
    return [
        department
        for _, department in lookup.submissions(db, cycle)
        if department.id not in otherwise and not compose.can_be_mailed(db, department)
    ]


def address_warnings(fiscal_year: int) -> list[str]:
    """Everybody in the roster who cannot be written to (名册中不能使用的邮箱), as sentences for staff."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        silent = [f"{department.name}（{department.code}）" for department in departments_without_address(db, cycle)]
        sentences = [f"没有可用邮箱的部门：{'、'.join(silent)}，印发通知前须补充，或者登记另行送达。"] if silent else []
        again = [
            f"{department.name}（{department.code}）"
            for _, department in lookup.submissions(db, cycle)
            if delivery.in_force(db, cycle.id, department.id) and compose.can_be_mailed(db, department)
        ]
        if again:
            sentences.append(f"{'、'.join(again)}已有可用邮箱，函件仍另行送达；如需改回，请运行“恢复邮件发送”。")
        return sentences + [_bad_address(department, contact) for department, contact in unusable_addresses(db, cycle)]


def _bad_address(department: Department, contact: Contact) -> str:
    who = f"{department.name}的{contact.role.label}{contact.name}"
    return f"{who}的邮箱“{contact.address}”不能使用，请在部门名册中更正。"


def _refuse_without_address(db: Session, cycle: Cycle) -> list[str]:
    """Refuse while a department's handler cannot be written to; returns a sentence for every other such contact."""
    without = [f"{department.name}（{department.code}）" for department in departments_without_address(db, cycle)]
    if without:
        raise NoticeError(
            f"以下部门没有可用的邮箱地址，请先在部门名册中补充后重新导入，或者运行“登记另行送达”：{'、'.join(without)}。"
        )
    return [_bad_address(department, contact) for department, contact in unusable_addresses(db, cycle)]


def _series(db: Session, cycle: Cycle) -> int:
    """The number of the notice to prepare (本次通知的序号): the one that is numbered already, or a new one."""
    amended = {a.summary.get("number") for a in _matters(db, cycle) if a.summary.get("amendment")}
    numbers = [letter.number for letter in letters(db, cycle)]
    if cycle.document_number is None:
        return max(numbers, default=0) + 1
    return max((n for n in numbers if n not in amended), default=1)


def latest_matter(db: Session, cycle: Cycle) -> Approval | None:
    """The newest notice matter at the gate (最近的通知审批事项)."""
    return lookup.latest_approval(db, cycle, Gate.NOTICE)


def _matters(db: Session, cycle: Cycle) -> list[Approval]:
    query = select(Approval).where(Approval.cycle_id == cycle.id, Approval.gate == Gate.NOTICE)
    return list(db.exec(query.order_by(col(Approval.id))))


def _draft(
    db: Session,
    cycle: Cycle,
    ruleset: RuleSet,
    department: Department,
    submit_by: date,
    common: list[tuple[str, bytes]],
    number: int,
    who: str,
) -> tuple[str, bytes]:
    """One department's letter as a draft (拟函); returns its workbook. A draft follows changed targets, others stay."""
    names = settings.current()
    projects = notice_targets.projects_of(db, cycle, department)
    version = approved.in_force(db, cycle)
    own = notice_files.workbook(cycle, ruleset, department, submit_by, number, projects, version)
    context = NoticeContext(
        document_number=cycle.document_number or "",
        deadline=submit_by,
        prefilled=prefilled(projects).sentence,
        contact_person=names.contact_name or None,
        contact_phone=names.contact_phone or None,
    )
    attachments = [*common, own]
    letter = compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.NOTICE,
        number=number,
        department=department,
        context=context,
        attachments=attachments,
        approved=False,
    )
    compose.redraft(db, letter, cycle=cycle, context=context, department=department, attachments=attachments, who=who)
    return own


def letters(db: Session, cycle: Cycle, number: int | None = None) -> list[Letter]:
    """The notice letters of a year (通知函件), or of one series, by key."""
    query = select(Letter).where(Letter.cycle_id == cycle.id, Letter.kind == LetterKind.NOTICE)
    if number is not None:
        query = query.where(Letter.number == number)
    return list(db.exec(query.order_by(col(Letter.key))))


def drafts(db: Session, cycle: Cycle, number: int | None = None) -> list[Letter]:
    """The notice letters that wait for approval (待批通知)."""
    return [letter for letter in letters(db, cycle, number) if letter.state is LetterState.DRAFT]


def content(db: Session, covered: list[Letter]) -> tuple[str, tuple[dict[str, Any], ...]]:
    """What is approved: every letter's address, text and attachments; the digest changes with any of them."""
    seen, rows = [], []
    for letter in covered:
        query = select(LetterAttachment).where(LetterAttachment.letter_id == letter.id)
        files = db.exec(query.order_by(col(LetterAttachment.number))).all()
        seen.append([letter.key, letter.to_address, letter.subject, letter.html, sorted(f.sha256 for f in files)])
        rows.append(
            {
                "收件人": letter.to_name,
                "地址": letter.to_address or "另行送达，不发邮件",
                "主题": letter.subject,
                "附件": [f.name for f in files],
                "状态": letter.state.label,
            }
        )
    return digest(seen), tuple(rows)


def release(fiscal_year: int) -> str | None:
    """Release the approved letters (印发通知), and begin to collect when none is left to send; None while not approved."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        matter = lookup.latest_approval(db, cycle, Gate.NOTICE)
        if matter is None or not lookup.approved(db, cycle, Gate.NOTICE, matter.digest):
            return None
        waiting = drafts(db, cycle, matter.summary.get("number", 1))
        if waiting:
            return _release(db, cycle, matter, waiting)
        if cycle.state is CycleState.DRAFTING:
            return None
        left = [letter for letter in letters(db, cycle) if letter.state in ON_THE_WAY]
        if cycle.state is CycleState.ISSUED and not left:
            moves.mark_done(db, cycle, Stage.NOTICE)
            moves.move_cycle(db, cycle, CycleState.COLLECTING, WHO)
            return f"{_told(letters(db, cycle))}，开始收件。"
        return _on_the_way(left) if left else "通知已印发。"


def _told(found: list[Letter]) -> str:
    # A notice that came back and was mailed again is one notice.
    sent = len({letter.department_id for letter in found if letter.state is LetterState.SENT})
    brought = sum(1 for letter in found if letter.state is LetterState.DELIVERED)
    return f"{sent}封通知已全部发出" + (f"，另有{brought}封已另行送达" if brought else "")


def _on_the_way(left: list[Letter]) -> str:
    to_bring = sum(1 for letter in left if letter.state is LetterState.TO_DELIVER)
    parts = [f"尚有{len(left) - to_bring}封通知未发出"] if len(left) > to_bring else []
    parts += [f"有{to_bring}封通知待另行送达，送达后请运行“登记送达”"] if to_bring else []
    return f"{'；'.join(parts)}。"


def _release(db: Session, cycle: Cycle, matter: Approval, waiting: list[Letter]) -> str:
    if notice_targets.stale(db, cycle, matter):
        raise NoticeError("批准之后又导入了新一版批复的绩效目标，待发的工作簿已不是现行批复，请重新拟办并审批。")
    if content(db, waiting)[0] != matter.digest:
        raise NoticeError("待发通知与批准的内容不一致，请重新拟办并审批。")
    approver = matter.decided_by or WHO
    decisions.approve(db, waiting, approver)
    if matter.summary.get("amendment"):
        return notice_effects.take_effect(db, cycle, matter, len(waiting))
    if cycle.state is CycleState.DRAFTING:
        moves.move_cycle(db, cycle, CycleState.ISSUED, approver)
    to_bring = sum(1 for letter in waiting if letter.state is LetterState.TO_DELIVER)
    otherwise = f"，{to_bring}封待另行送达" if to_bring else ""
    return f"已批准印发，{len(waiting) - to_bring}封通知待发送{otherwise}。"


def discard(fiscal_year: int, who: str, reason: str) -> int:
    """Take back what was prepared and not issued (撤销待批通知), with a reason; returns how many drafts.

    A notice can then be prepared anew, under another number too. Raises NoticeError where nothing waits.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        waiting = drafts(db, cycle)
        if not waiting:
            raise NoticeError("没有待批的通知可以撤销；已经印发的通知请用“更正或撤回通知”。")
        decisions.withdraw(db, waiting, who, reason)
        old = {"document_number": cycle.document_number}
        if cycle.state is CycleState.DRAFTING:
            cycle.document_number = None
            db.add(cycle)
        matter = lookup.latest_approval(db, cycle, Gate.NOTICE)
        if matter is not None and matter.decision is None:
            matter.decision, matter.decided_by, matter.decided_at = Decision.REFUSED, who, clock.now()
            matter.reason = f"拟办撤销：{reason}"
            db.add(matter)
        store.record(db, who, "notice.discarded", str(fiscal_year), old, {"letters": len(waiting), "reason": reason})
        return len(waiting)
