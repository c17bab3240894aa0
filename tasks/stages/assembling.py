"""Assembling what would be published (汇总拟公开结果), and what refuses it."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models import rules
from models.published import DepartmentResult, PublishedResults, published_results
from models.records import Approval, Cycle
from models.rules.cards import Outcome
from models.states import Gate, SubmissionState
from tasks import lookup
from tasks.stages import overview


class PublicationError(ValueError):
    """Results that cannot be published (不能公开); the message says why, in Chinese."""


def assemble(
    db: Session, cycle: Cycle, document_number: str, withdrawn: frozenset[str] = frozenset()
) -> PublishedResults:
    """The results as they would be published (拟公开结果) under the bulletin's number, without a date.

    From the newest versions that were not refused: before the approval they are not in force. ``withdrawn`` are codes of
    departments that are not to be shown any more.
    """
    found = []
    for submission, department in lookup.submissions(db, cycle):
        row = lookup.latest_outcome(db, submission)
        outcome = Outcome.model_validate(row.outcome) if row and submission.state is SubmissionState.ACCEPTED else None
        found.append(
            DepartmentResult(
                code=department.code,
                name=department.name,
                outcome=outcome,
                returned=outcome is None and bool(lookup.versions(db, submission)),
                withheld=department.withheld or department.code in withdrawn,
            )
        )
    return published_results(
        rules.load(cycle.ruleset_id),
        found,
        fiscal_year=cycle.fiscal_year,
        county=cycle.county,
        bureau=cycle.bureau,
        edition=len(lookup.editions(db, cycle)) + 1,
        document_number=document_number,
    )


def refuse_used_number(db: Session, cycle: Cycle, document_number: str) -> None:
    """Refuse a document number that another document of the year bears (文号重复). Raises PublicationError."""
    notices = db.exec(select(Approval.summary).where(Approval.cycle_id == cycle.id, col(Approval.gate) == Gate.NOTICE))
    if document_number in {cycle.document_number, *(summary.get("document_number") for summary in notices)}:
        raise PublicationError(f"文号{document_number}已用于{cycle.fiscal_year}年度通知，请填写通报自己的文号。")
    for edition in lookup.editions(db, cycle):
        if document_number == edition.results.get("document_number"):
            raise PublicationError(f"文号{document_number}已用于第{edition.number}版通报，请填写更正通报自己的文号。")


def refuse_undecided(results: PublishedResults) -> None:
    """Refuse results with open lines (结果未核定). Raises PublicationError naming the departments."""
    undecided = [d.name for d in results.departments if d.status == "undecided"]
    if undecided:
        raise PublicationError(f"以下部门的结果尚未核定：{'、'.join(undecided)}。")


def refuse_undecided_objections(db: Session, cycle: Cycle) -> None:
    """Refuse while an objection waits (申诉未处理). Raises PublicationError naming them."""
    open_ones = [f"{d.name}（编号{o.id}）" for o, d in overview.undecided_objections(db, cycle)]
    if open_ones:
        raise PublicationError(f"以下部门的申诉尚未处理，处理后才能公开：{'、'.join(open_ones)}。")
