"""Publication (公开评价结果): put before the approver exactly as it would appear, then site, open data, bulletin, letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from models import rules
from models.published import DepartmentResult, PublishedResults, published_results
from models.records import Approval, Cycle, Edition
from models.rules.cards import Outcome
from models.states import CycleState, Gate, LetterKind, Stage, SubmissionState
from tasks import clock, lookup, settings, store
from tasks.mail import compose
from tasks.mail.contexts import Fact, PublishedContext
from tasks.stages import gates, moves, overview
from tasks.stages.scoring import digest
from tasks.writing.bulletin import BulletinView, write_bulletin
from tasks.writing.results import write_results
from tasks.writing.site import build_site
from tasks.writing.site_view import site_extras

WHO = "系统"


class PublicationError(ValueError):
    """Results that cannot be published (不能公开); the message says why, in Chinese."""


@dataclass(frozen=True)
class Prepared:
    """What waits for approval (待批公开内容)."""

    digest: str
    rows: tuple[dict[str, Any], ...]


def assemble(db: Session, cycle: Cycle, document_number: str) -> PublishedResults:
    """The results as they would be published (拟公开结果) under the bulletin's number, without a date."""
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
                withheld=department.withheld,
            )
        )
    return published_results(
        rules.load(cycle.ruleset_id),
        found,
        fiscal_year=cycle.fiscal_year,
        county=cycle.county,
        bureau=cycle.bureau,
        edition=len(editions(db, cycle)) + 1,
        document_number=document_number,
    )


def editions(db: Session, cycle: Cycle) -> list[Edition]:
    """The published editions (已公开版次), oldest first."""
    return list(db.exec(select(Edition).where(Edition.cycle_id == cycle.id).order_by(col(Edition.number))))


def prepare(fiscal_year: int, document_number: str, who: str) -> Prepared:
    """Put the results before the approver (拟办公开). Nothing leaves the house; the same results are put once.

    ``document_number`` is the bulletin's own. Raises PublicationError before the objection window is over, while a result
    is missing, or where the number belongs to the notice.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.state is not CycleState.OBJECTION:
            raise PublicationError(f"年度处于“{cycle.state.label}”阶段，反馈结果且申诉期满后才能公开。")
        last = lookup.stage_dates(db, cycle)[Stage.OBJECT_BY].due_on
        if clock.today() <= last:
            raise PublicationError(f"申诉截止日为{last}，期满后才能公开。")
        _refuse_undecided_objections(db, cycle)
        document_number = document_number.strip()
        _refuse_used_number(db, cycle, document_number)
        results = assemble(db, cycle, document_number)
        undecided = [d.name for d in results.departments if d.status == "undecided"]
        if undecided:
            raise PublicationError(f"以下部门的结果尚未核定：{'、'.join(undecided)}。")
        content = digest(results.model_dump(mode="json"))
        summary = {
            "departments": len(results.departments),
            "edition": results.edition,
            "document_number": document_number,
        }
        gates.put_before(db, cycle, Gate.PUBLICATION, content, who, summary)
        return Prepared(content, tuple(_row(d) for d in results.departments))


def _refuse_used_number(db: Session, cycle: Cycle, document_number: str) -> None:
    notices = db.exec(select(Approval).where(Approval.cycle_id == cycle.id, Approval.gate == Gate.NOTICE))
    if document_number in {cycle.document_number, *(n.summary.get("document_number") for n in notices)}:
        raise PublicationError(f"文号{document_number}已用于{cycle.fiscal_year}年度通知，请填写通报自己的文号。")


def _refuse_undecided_objections(db: Session, cycle: Cycle) -> None:
    open_ones = [f"{d.name}（编号{o.id}）" for o, d in overview.undecided_objections(db, cycle)]
    if open_ones:
        raise PublicationError(f"以下部门的申诉尚未处理，处理后才能公开：{'、'.join(open_ones)}。")


def _row(department: Any) -> dict[str, Any]:
    return {
        "代码": department.code,
        "部门": department.name,
        "自评": department.self_score,
        "复核": department.review_score,
        "最终得分": department.final_score,
        "等级": department.grade,
        "状态": department.status_label,
    }


def publish(fiscal_year: int) -> str | None:
    """Publish what was approved (公开评价结果); None while not approved. Repeatable: the same edition is written again."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        matter = lookup.latest_approval(db, cycle, Gate.PUBLICATION)
        if matter is None or not lookup.approved(db, cycle, Gate.PUBLICATION, matter.digest):
            return None
        edition = next((e for e in editions(db, cycle) if e.digest == matter.digest), None)
        if edition is None:
            edition = _new_edition(db, cycle, matter)
        results = PublishedResults.model_validate(edition.results)
        draw = lookup.draw_in_force(db, cycle)
        record = draw.record if draw else None
        rectify_by = _rectify_by(db, cycle, edition)
    bulletin = _write(results, record, cycle, rectify_by)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        _tell(db, cycle, edition, results, bulletin)
        moves.mark_done(db, cycle, Stage.PUBLISH)
        moves.mark_done(db, cycle, Stage.OBJECT_BY)
        if cycle.state is CycleState.OBJECTION:
            moves.move_cycle(db, cycle, CycleState.PUBLISHED, WHO)
    return f"第{edition.number}版评价结果已公开，共{len(results.departments)}个部门。"


def _rectify_by(db: Session, cycle: Cycle, edition: Edition) -> date:
    """Until when the bulletin asks for remediation (通报中的整改期限); the same whenever an edition is written again."""
    begins = max(edition.published_on, lookup.stage_dates(db, cycle)[Stage.RECTIFY].due_on)
    return begins + timedelta(days=rules.load(cycle.ruleset_id).calendar.rectify_days)


def _new_edition(db: Session, cycle: Cycle, matter: Approval) -> Edition:
    _refuse_undecided_objections(db, cycle)
    results = assemble(db, cycle, matter.summary["document_number"])
    if digest(results.model_dump(mode="json")) != matter.digest:
        raise PublicationError("评价结果在审批之后有变化，请重新拟办并审批。")
    today = clock.today()
    dated = results.model_copy(update={"published_on": today.isoformat()})
    edition = Edition(
        cycle_id=cycle.id,
        number=int(results.edition),
        digest=matter.digest,
        results=dated.model_dump(mode="json"),
        published_on=today,
    )
    db.add(edition)
    new = {"edition": edition.number, "digest": matter.digest}
    store.record(db, WHO, "results.published", str(cycle.fiscal_year), None, new)
    return edition


def _write(results: PublishedResults, draw: dict[str, Any] | None, cycle: Cycle, rectify_by: date) -> bytes:
    """Everything that is published (公开文件), from the allow-list alone; returns the bulletin."""
    home = settings.current()
    ruleset = rules.load(cycle.ruleset_id)
    write_results(results, home.folder("results"))
    build_site(results, draw, site_extras(ruleset), home.home / "site")
    bulletin = write_bulletin(
        BulletinView(
            results=results,
            bureau=cycle.bureau,
            document_number=results.document_number or "",
            issued_on=date.fromisoformat(results.published_on),
            office=cycle.office,
            rectify_by=rectify_by,
            grade_bands=ruleset.grade_bands,
        )
    )
    (home.folder("documents") / f"{results.fiscal_year}年度评价结果通报.docx").write_bytes(bulletin)
    return bulletin


def _tell(db: Session, cycle: Cycle, edition: Edition, results: PublishedResults, bulletin: bytes) -> None:
    shown = {d.code: d for d in results.departments}
    for submission, department in lookup.submissions(db, cycle):
        own = shown.get(department.code)
        summary = (
            Fact(label="应参加评价的部门", value=f"{len(shown)}个"),
            Fact(label="本部门报送情况", value=submission.state.label),
        )
        compose.queue(
            db,
            cycle=cycle,
            kind=LetterKind.PUBLISHED,
            number=edition.number,
            department=department,
            context=PublishedContext(
                edition=edition.number,
                published_on=edition.published_on,
                final_score=own.final_score if own else None,
                grade=own.grade if own else None,
                summary=summary,
                changes=tuple(edition.changes),
            ),
            attachments=[(f"{cycle.fiscal_year}年度评价结果通报.docx", bulletin)],
        )
