"""Receipt of material (收件): everything in the channels goes through the ledger; late departments are closed out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from models.records import Cycle, Department, Receipt
from models.states import ReceiptOutcome, Stage, SubmissionState
from tasks import intake, lookup, settings, store
from tasks.stages import moves, naming

WHO = "系统"


@dataclass(frozen=True)
class Collected:
    """What a collection did, in words (收件情况): a sentence, and a row for each thing that was set aside."""

    sentence: str
    quarantined: tuple[dict[str, str | None], ...]
    errors: tuple[str, ...]


def collect(fiscal_year: int) -> Collected:
    """Take in what lies in the mailbox and the drop folder (收取材料). Repeatable; nothing is taken from the channels."""
    with store.session() as db:
        cycle_id = lookup.cycle_of(db, fiscal_year).id
    report = intake.collect(
        cycle_id,
        named_inside=naming.named_inside,
        fingerprint=naming.fingerprint,
        settle_seconds=settings.current().drop_settle_seconds,
    )
    counts = {
        ReceiptOutcome.SUBMISSION: len(report.versions),
        ReceiptOutcome.DUPLICATE: len(report.duplicates),
        ReceiptOutcome.REVIEW: len(report.reviews),
        ReceiptOutcome.RECTIFICATION: len(report.rectifications),
        ReceiptOutcome.OBJECTION: len(report.objections),
        ReceiptOutcome.BOUNCE: len(report.bounces),
        ReceiptOutcome.QUARANTINED: len(report.quarantined),
    }
    told = "，".join(f"{outcome.label}{count}份" for outcome, count in counts.items() if count)
    return Collected(
        f"收到{told}。" if told else "没有新的来件。", _set_aside(report.quarantined), tuple(report.errors)
    )


def _set_aside(receipt_ids: list[int]) -> tuple[dict[str, str | None], ...]:
    with store.session() as db:
        rows = []
        for receipt_id in receipt_ids:
            receipt = db.get_one(Receipt, receipt_id)
            department = db.get(Department, receipt.department_id) if receipt.department_id else None
            rows.append(
                {
                    "收件编号": str(receipt.id),
                    "渠道": receipt.channel.label,
                    "寄件人": receipt.sender,
                    "主题或文件": receipt.subject,
                    "可能的部门": department.name if department else None,
                    "原因": receipt.reason,
                }
            )
        return tuple(rows)


def close_collection(db: Session, cycle: Cycle) -> list[str]:
    """End the collection (截止收件) before scoring: who has nothing acceptable is marked as not submitted.

    Returns the codes of those departments.
    """
    missing = []
    for submission, department in lookup.submissions(db, cycle):
        if submission.state in (SubmissionState.AWAITED, SubmissionState.NEEDS_CORRECTION):
            moves.move_submission(db, submission, department.code, SubmissionState.NOT_SUBMITTED, WHO)
            missing.append(department.code)
    moves.mark_done(db, cycle, Stage.SUBMIT_BY)
    return missing
