"""Publication (公开评价结果): put before the approver exactly as it would appear, then site, open data, bulletin, letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from models.published import PublishedDepartment, PublishedResults
from models.records import Approval, Cycle, Edition
from models.states import CycleState, Gate, LetterKind, Stage
from tasks import clock, lookup, store
from tasks.mail import compose
from tasks.mail.contexts import Fact, PublishedContext
from tasks.stages import correcting, feedback, gates, moves, objection_decisions, public_files, use_of_results
from tasks.stages.assembling import (
    PublicationError,
    assemble,
    refuse_undecided,
    refuse_undecided_objections,
    refuse_used_number,
)
from tasks.stages.scoring import digest

WHO = "系统"


@dataclass(frozen=True)
class Prepared:
    """What waits for approval (待批公开内容)."""

    digest: str
    rows: tuple[dict[str, Any], ...]


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
        refuse_undecided_objections(db, cycle)
        document_number = document_number.strip()
        refuse_used_number(db, cycle, document_number)
        results = assemble(db, cycle, document_number)
        refuse_undecided(results)
        content = digest(results.model_dump(mode="json"))
        summary = {
            "departments": len(results.departments),
            "edition": results.edition,
            "document_number": document_number,
        }
        gates.put_before(db, cycle, Gate.PUBLICATION, content, who, summary)
        return Prepared(content, tuple(_row(d) for d in results.departments))


def _row(department: PublishedDepartment) -> dict[str, Any]:
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
    """Publish what was approved (公开评价结果), the results or a correction; None while nothing ever was.

    Repeatable: what is public already is written again from the stored editions.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        matter = lookup.unpublished(db, cycle)
        if matter is not None:
            _new_edition(db, cycle, matter)
        found = lookup.editions(db, cycle)
        if not found:
            return None
        public = public_files.gather(db, cycle, found)
    bulletin = public_files.write(public)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        _tell(db, cycle, found[-1], public.results, (public_files.bulletin_name(public.results), bulletin))
        moves.mark_done(db, cycle, Stage.PUBLISH)
        moves.mark_done(db, cycle, Stage.OBJECT_BY)
        if cycle.state is CycleState.OBJECTION:
            moves.move_cycle(db, cycle, CycleState.PUBLISHED, WHO)
        closed = cycle.state is CycleState.CLOSED
    if closed:
        # The budget desk has a list of the closed year already; a corrected result must reach it too.
        use_of_results.write_list(fiscal_year)
    return f"第{public.results.edition}版评价结果已公开，共{len(public.results.departments)}个部门。"


def _new_edition(db: Session, cycle: Cycle, matter: Approval) -> Edition:
    refuse_undecided_objections(db, cycle)
    number = matter.summary["document_number"]
    if matter.gate is Gate.CORRECTION:
        withdrawn = frozenset(matter.summary["withdrawn"])
        results = correcting.corrected(db, cycle, assemble(db, cycle, number, withdrawn), matter.summary["reason"])
        correcting.withdraw(db, cycle, withdrawn, matter.prepared_by)
    else:
        results = assemble(db, cycle, number)
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
        changes=list(results.changes),
    )
    db.add(edition)
    new = {"edition": edition.number, "digest": matter.digest, "versions": _into_force(db, cycle, edition.number)}
    store.record(db, WHO, "results.published", str(cycle.fiscal_year), None, new)
    return edition


def _into_force(db: Session, cycle: Cycle, number: int) -> dict[str, int]:
    """Bring the results that an edition shows into force (结果生效); returns the versions by department code."""
    found = {}
    for submission, department in lookup.submissions(db, cycle):
        row = lookup.latest_outcome(db, submission)
        if row is not None and row.edition is None:
            row.edition = number
            db.add(row)
            found[department.code] = row.number
    return found


def _tell(db: Session, cycle: Cycle, edition: Edition, results: PublishedResults, bulletin: tuple[str, bytes]) -> None:
    """The bulletin to every department (发送通报); who is corrected gets its new result before."""
    shown = {d.code: d for d in results.departments}
    corrected = {change.code for change in results.revisions if change.kind == "result"}
    for submission, department in lookup.submissions(db, cycle):
        own = shown.get(department.code)
        row = lookup.outcome_in_force(db, submission)
        if department.code in corrected and row is not None:
            objection_decisions.tell_published(db, cycle, department, row)
            feedback.tell(db, cycle, submission, department, row, None)
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
            attachments=[bulletin],
        )
