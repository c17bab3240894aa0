"""The draw of the spot check (抽取抽查对象): prepared, approved, released to departments and reviewers."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from models import rules, sampling
from models.facts import Severity
from models.figures import FigureKey
from models.records import (
    Cycle,
    Department,
    DrawRecord,
    FindingRecord,
    OutcomeRecord,
    Reading,
    Review,
    Submission,
)
from models.states import CycleState, Gate, LetterKind, Stage, SubmissionState
from tasks import clock, lookup, settings, store
from tasks.mail import compose
from tasks.mail.contexts import DrawnContext, ReviewTaskContext
from tasks.stages import gates, moves, reviewing
from tasks.writing.review_workbook import write_review_workbook

WHO = "系统"


class DrawError(ValueError):
    """A draw that cannot be made (不能抽取); the message says why, in Chinese."""


def frame(db: Session, cycle: Cycle) -> list[sampling.FrameUnit]:
    """The departments that can be drawn (抽样框): those with accepted material, with class, budget and risk weight."""
    policy = rules.load(cycle.ruleset_id).spot_check
    units = []
    for submission, department in lookup.submissions(db, cycle):
        if submission.state is SubmissionState.ACCEPTED:
            budget = lookup.figures_of(db, cycle, department).get(FigureKey.BUDGET_INITIAL)
            size = max(Decimal(budget), Decimal(1)) if budget else Decimal(1)
            units.append(
                sampling.FrameUnit(
                    code=department.code,
                    name=department.name,
                    stratum=sampling.stratum(department.stratum, size, policy),
                    size=size,
                    risk=_risk(db, cycle, submission, policy),
                )
            )
    return units


def _risk(db: Session, cycle: Cycle, submission: Submission, policy: sampling.SpotCheckPolicy) -> Decimal:
    """The risk weight from this year's contradictions, last year's deviation, and whether it was drawn before."""
    errors = db.exec(
        select(FindingRecord)
        .join(Reading)
        .where(Reading.version_id == submission.accepted_version_id, FindingRecord.severity == Severity.ERROR)
        .where(col(FindingRecord.dismissed_by).is_(None))
    ).all()
    earlier = (
        select(OutcomeRecord)
        .join(Submission)
        .join(Cycle)
        .where(Submission.department_id == submission.department_id, Cycle.fiscal_year < cycle.fiscal_year)
        .order_by(col(Cycle.fiscal_year), col(OutcomeRecord.number))
    )
    before = [row.outcome for row in db.exec(earlier)]
    last = before[-1].get("deviation") if before else None
    percent = Decimal(last["percent"]) if last and last.get("percent") else None
    return sampling.risk_weight(len(errors), percent, any(o["spot_checked"] for o in before), policy.risk)


def prepare(fiscal_year: int, seed: str, who: str, redraw_reason: str | None = None) -> DrawRecord:
    """Draw with a seed (抽取) and put the list to the approver. The same seed again changes nothing.

    Raises DrawError outside the scoring stage, or for another draw without a reason. Every draw is kept.
    """
    seed = seed.strip()
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        last = lookup.latest_draw(db, cycle)
        if last is not None and last.seed == seed and not redraw_reason:
            return last
        if cycle.state is not CycleState.SCORING:
            raise DrawError(f"年度处于“{cycle.state.label}”阶段，只有评分阶段可以抽取抽查对象。")
        if last is not None and not redraw_reason:
            raise DrawError(f"已于{clock.local_date(last.drawn_at)}抽取过一次，重新抽取必须填写理由，原结果将保留。")
        made = sampling.draw(frame(db, cycle), rules.load(cycle.ruleset_id).spot_check, seed)
        row = DrawRecord(
            cycle_id=cycle.id,
            number=last.number + 1 if last else 1,
            seed=seed,
            record=made.model_dump(mode="json"),
            digest=made.digest,
            prepared_by=who,
            redraw_reason=redraw_reason,
            drawn_at=clock.now(),
        )
        db.add(row)
        new = {"seed": seed, "digest": made.digest, "drawn": list(made.drawn), "reason": redraw_reason}
        store.record(db, who, "draw.made", f"{fiscal_year}/{row.number}", None, new)
        gates.put_before(db, cycle, Gate.DRAW, made.digest, who, {"drawn": list(made.drawn), "number": row.number})
        return row


def rows(made: DrawRecord) -> list[dict[str, Any]]:
    """The draw as a table (抽取结果表)."""
    return [
        {
            "代码": u["code"],
            "部门": u["name"],
            "类别": u["stratum"],
            "入样概率": u["ratio"],
            "抽中": "是" if u["drawn"] else "",
        }
        for u in made.record["units"]
    ]


def release(fiscal_year: int) -> str | None:
    """Release the approved draw (下达抽查任务): letters to the drawn, workbooks to the reviewers. None while not approved."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        made = lookup.latest_draw(db, cycle)
        if made is None or not lookup.approved(db, cycle, Gate.DRAW, made.digest):
            return None
        due = lookup.stage_dates(db, cycle)[Stage.REVIEW_BY].due_on
        drawn = _drawn(db, cycle, made)
        reviewers = settings.current().reviewer_list
        if not reviewers:
            raise DrawError("未配置复核人员，请设置 JIXIAO_REVIEWERS（姓名 <邮箱>，用分号隔开）后重新运行。")
        for position, (submission, department) in enumerate(drawn):
            name, address = reviewers[position % len(reviewers)]
            _assign(db, cycle, made, submission, department, name, address, due)
        moves.mark_done(db, cycle, Stage.DRAW)
        moves.move_cycle(db, cycle, CycleState.SPOT_CHECKING, WHO)
        record = made.record
    _write_record(record)
    return f"抽查{len(drawn)}个部门，复核截止{due}。"


def _drawn(db: Session, cycle: Cycle, made: DrawRecord) -> list[tuple[Submission, Department]]:
    codes = {u["code"] for u in made.record["units"] if u["drawn"]}
    return [(s, d) for s, d in lookup.submissions(db, cycle) if d.code in codes]


def _assign(
    db: Session,
    cycle: Cycle,
    made: DrawRecord,
    submission: Submission,
    department: Department,
    reviewer: str,
    address: str,
    due: date,
) -> None:
    """Give one review to one reviewer, once: the task letter with its workbook, and the letter to the department."""
    known = db.exec(select(Review).where(Review.draw_id == made.id, Review.submission_id == submission.id)).first()
    if known is not None:
        return
    db.add(Review(draw_id=made.id, submission_id=submission.id, reviewer=reviewer, reviewer_address=address))
    store.record(db, WHO, "review.assigned", f"{cycle.fiscal_year}/{department.code}", None, {"reviewer": reviewer})
    view = reviewing.workbook_view(db, cycle, submission, department, made.number, reviewer)
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.REVIEW_TASK,
        number=made.number,
        department=department,
        to_name=reviewer,
        to_address=address,
        context=ReviewTaskContext(review_by=due, lines=len(view.lines), findings=len(view.findings)),
        attachments=[(f"复核工作簿-{department.code}-{department.name}.xlsx", write_review_workbook(view))],
    )
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.DRAWN,
        number=made.number,
        department=department,
        context=DrawnContext(
            drawn_on=clock.local_date(made.drawn_at),
            drawn=sum(u["drawn"] for u in made.record["units"]),
            departments=len(made.record["units"]),
            method="按部门类别分层，每类至少一个，以公开种子随机抽取，过程可以复核",
            seed=made.seed,
            review_by=due,
        ),
    )


def _write_record(record: dict[str, Any]) -> None:
    """Write the draw record where anyone can repeat it from (抽取记录)."""
    target = settings.current().home / "spot-check.json"
    temporary = target.with_suffix(".part")
    temporary.write_text(json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    temporary.replace(target)
