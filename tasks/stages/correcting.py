"""Correcting what was published (更正公开的结果): a new, dated edition with a list of changes, after an approval of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from models import editions, rules
from models.published import PublishedChange, PublishedCorrection, PublishedResults
from models.records import Cycle, Edition, Objection, ScoreCardRecord, Submission
from models.states import CycleState, Gate, SubmissionState
from tasks import clock, lookup, store
from tasks.stages import assembling, gates, refusing, results, scoring

CORRECTABLE = (CycleState.PUBLISHED, CycleState.RECTIFYING, CycleState.CLOSED)
FIGURES, READING, JUDGEMENT = "财政数据更正", "材料读取结果更正", "评价人员的判定更正"


@dataclass(frozen=True)
class Prepared:
    """A correction that waits for approval (待批更正): its digest, the rows of changes, and them as sentences."""

    digest: str
    rows: tuple[dict[str, str], ...]
    changes: tuple[str, ...]


def prepare(
    fiscal_year: int,
    document_number: str,
    reason: str,
    who: str,
    *,
    settled_again: Sequence[str] = (),
    withdrawn: Sequence[str] = (),
) -> Prepared:
    """Put a corrected edition before the approver (拟办更正). Nothing leaves the house; the same correction is put once.

    ``settled_again`` are codes of departments whose figures, reading or judgements were corrected: they are scored and
    settled anew. What an upheld objection changed is settled already. ``withdrawn`` are codes of departments that must not
    be public any more. Raises PublicationError before anything is public, or when nothing would differ.
    """
    document_number, reason = document_number.strip(), reason.strip()
    gone = frozenset(code.strip() for code in withdrawn)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        _check(db, cycle, document_number, reason, gone)
        duties = {code: lookup.submission_of(db, cycle, code.strip())[0] for code in settled_again}
    for code, submission in duties.items():
        _settle(fiscal_year, code, submission, who)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        found = corrected(db, cycle, assembling.assemble(db, cycle, document_number, gone), reason)
        assembling.refuse_undecided(found)
        if not found.changes:
            raise assembling.PublicationError(
                f"与已公开的第{int(found.edition) - 1}版相比没有变化，无需更正。财政数据或判定有更正的，请填写需重新核定的部门。"
            )
        content = scoring.digest(found.model_dump(mode="json"))
        summary = {
            "departments": len(found.departments),
            "edition": found.edition,
            "document_number": document_number,
            "reason": reason,
            "withdrawn": sorted(gone),
            "changes": list(found.changes),
            "versions": {department.code: row.number for row, _, department in refusing.pending(db, cycle)},
        }
        gates.put_before(db, cycle, Gate.CORRECTION, content, who, summary)
        return Prepared(content, tuple(_row(change) for change in found.revisions), found.changes)


def _row(change: PublishedChange) -> dict[str, str]:
    return {
        "部门": change.department,
        "事项": change.item,
        "原公布": change.before or "—",
        "更正为": change.after or "—",
        "原因": change.why,
    }


def _check(db: Session, cycle: Cycle, document_number: str, reason: str, gone: frozenset[str]) -> None:
    public = lookup.editions(db, cycle)
    if cycle.state not in CORRECTABLE or not public:
        raise assembling.PublicationError(f"年度处于“{cycle.state.label}”阶段，评价结果公开后才能更正。")
    if not reason:
        raise assembling.PublicationError("更正公开的结果必须写明原因。")
    assembling.refuse_undecided_objections(db, cycle)
    assembling.refuse_used_number(db, cycle, document_number)
    shown = {department["code"] for department in public[-1].results["departments"]}
    unknown = sorted(gone - shown)
    if unknown:
        raise assembling.PublicationError(
            f"第{public[-1].number}版没有公开代码为{'、'.join(unknown)}的部门，无需撤回。"
        )


def _settle(fiscal_year: int, code: str, submission: Submission, who: str) -> None:
    """Score and settle one department from what is stored now (重新核定), as new versions beside the old."""
    if submission.state is not SubmissionState.ACCEPTED:
        raise assembling.PublicationError(f"代码为{code}的部门没有已接收的材料，不能重新核定。")
    scoring.score_one(submission.id)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        found, department = lookup.submission_of(db, cycle, code)
        outcome = results.outcome_of(db, cycle, found)
        if outcome is None or outcome.open_lines:
            waiting = "、".join(outcome.open_lines) if outcome else "全部指标"
            raise assembling.PublicationError(
                f"{department.name}重新评分后有待判定的指标：{waiting}，判定后再拟办更正。"
            )
        results.keep(db, cycle, found, department, outcome, who)


def corrected(db: Session, cycle: Cycle, fresh: PublishedResults, reason: str) -> PublishedResults:
    """The results as a corrected edition (更正版): with the reason and what differs from the edition before."""
    before = lookup.editions(db, cycle)[-1]
    old = PublishedResults.model_validate(before.results)
    changes = editions.compare(old, fresh, _causes(db, cycle, before))
    gone = editions.withdrawn(old, fresh)
    return fresh.model_copy(
        update={
            "revisions": changes,
            "changes": editions.sentences(changes, gone),
            "correction": PublishedCorrection(
                reason=reason,
                edition=old.edition,
                published_on=old.published_on,
                document_number=old.document_number,
                withdrawn=str(gone),
            ),
        }
    )


def _causes(db: Session, cycle: Cycle, before: Edition) -> dict[tuple[str, str | None], str]:
    """Why single lines differ (更正原因), from what was decided since: the weightiest reason is written last."""
    found: dict[tuple[str, str | None], str] = {}
    follows = [rule.id for rule in rules.load(cycle.ruleset_id).rules if not rule.claimed_by_department]
    for submission, department in lookup.submissions(db, cycle):
        code = department.code
        found |= {(code, rule): editions.FOLLOWS for rule in follows}
        found |= {(code, rule): why for rule, why in _recomputed(db, submission).items()}
        for rule, judgement in lookup.judgements_of(db, submission).items():
            if clock.local_date(judgement.judged_at) >= before.published_on:
                found[code, rule] = JUDGEMENT
        for rule, line in results.adjustments(db, submission).items():
            decided = db.get_one(Objection, line.objection_id).decided_at
            if decided is not None and clock.local_date(decided) >= before.published_on:
                found[code, rule] = f"申诉成立（编号{line.objection_id}）"
    return found


def _recomputed(db: Session, submission: Submission) -> dict[str, str]:
    """The lines that the newest score card computes otherwise than that of the result in force (重新计算的指标), and why."""
    new, now = lookup.latest_card(db, submission), lookup.outcome_in_force(db, submission)
    if new is None or now is None or now.card_id == new.id:
        return {}
    old = db.get_one(ScoreCardRecord, now.card_id)
    why = READING if new.figures == old.figures else FIGURES
    earlier = {line["rule"]: line["computed"] for line in old.card["lines"]}
    return {line["rule"]: why for line in new.card["lines"] if earlier.get(line["rule"]) != line["computed"]}


def withdraw(db: Session, cycle: Cycle, codes: frozenset[str], who: str) -> None:
    """Keep departments off everything public from now on (不再公开); the same again changes nothing."""
    for _, department in lookup.submissions(db, cycle):
        if department.code in codes and not department.withheld:
            department.withheld = True
            db.add(department)
            store.record(db, who, "department.withheld", department.code, {"withheld": False}, {"withheld": True})
