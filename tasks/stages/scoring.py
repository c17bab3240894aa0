"""Scoring (评分): a score card from stored facts and the bureau's figures, and people's decisions on open lines."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from models import rules, scoring
from models.facts import ReportFacts
from models.figures import BureauFigures
from models.records import (
    CardCorrection,
    CorrectionRecord,
    Cycle,
    Department,
    Judgement,
    Reading,
    ScoreCardRecord,
    Submission,
)
from models.rules.cards import ScoreCard
from models.rules.projects import score_projects
from models.rules.schema import RuleSet
from models.states import CycleState, Stage, SubmissionState
from tasks import clock, lookup, store
from tasks.stages import collection, effective, moves, overview
from tasks.stages.figures import bureau_figures
from tasks.writing.card_page import CardView, card_page

WHO = "系统"


class ScoringError(ValueError):
    """Scoring cannot begin yet (尚不能评分); the message says why, in Chinese."""


class JudgementError(ValueError):
    """A judgement that cannot be recorded (人工判定被拒绝); the message says why, in Chinese."""


def canonical(value: Any) -> str:
    """One text for equal content (规范化JSON), for digests."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """The sha256 of some JSON content (内容摘要)."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def start_scoring(fiscal_year: int) -> list[str]:
    """Close the collection and enter the scoring stage (进入评分); returns the codes of those that did not submit.

    Raises ScoringError before the scoring date, or while material lies unread that may still be accepted.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.state is not CycleState.COLLECTING:
            return []
        _refuse_too_early(db, cycle)
        missing = collection.close_collection(db, cycle)
        moves.move_cycle(db, cycle, CycleState.SCORING, WHO)
        return missing


def _refuse_too_early(db: Session, cycle: Cycle) -> None:
    """Scoring closes the intake for good, so neither a wrong button nor a failed reading may cost a department its place."""
    due = lookup.stage_dates(db, cycle)[Stage.SCORING].due_on
    if clock.today() < due:
        raise ScoringError(f"评分日期为{due}，现在评分会提前截止收件，请到期后再运行。")
    unread = len(overview.unread_versions(db, cycle))
    if unread:
        raise ScoringError(f"还有{unread}份材料尚未审读，请先运行“审读材料”，全部审读后再评分。")


def to_score(fiscal_year: int) -> list[tuple[int, str]]:
    """Who has accepted material (应评分部门): submission id and department name, by code."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        return [(s.id, d.name) for s, d in lookup.submissions(db, cycle) if s.state is SubmissionState.ACCEPTED]


def computed_card(facts: ReportFacts, figures: BureauFigures, ruleset: RuleSet) -> ScoreCard:
    """The whole card of a department (完整评分表): its own lines and the card of each of its projects. Pure."""
    card = scoring.score(facts, figures, ruleset)
    return card.model_copy(update={"projects": score_projects(facts, ruleset)})


def score_one(submission_id: int) -> dict[str, Any]:
    """Score one department (为一个部门评分) from what is stored; the same inputs make no second card.

    Returns code, name, claimed and computed totals, the open lines and the projects, for the flow's tables.
    """
    with store.session() as db:
        # Two workers at the same department take turns; the second finds the first one's card.
        submission = db.get_one(Submission, submission_id, with_for_update=True)
        department = db.get_one(Department, submission.department_id)
        cycle = db.get_one(Cycle, submission.cycle_id)
        reading_id = _reading_id(db, submission)
        if reading_id is None:
            raise LookupError(f"{department.name}的材料尚未审读，不能评分。")
        ruleset = rules.load(cycle.ruleset_id)
        if ruleset.digest != cycle.ruleset_digest:
            raise LookupError(
                f"评价规则 {cycle.ruleset_id} 与年度开始时不一致（现 {ruleset.digest[:12]}，原 {cycle.ruleset_digest[:12]}），"
                "请恢复原规则文件后再评分。"
            )
        figures = lookup.figures_of(db, cycle, department)
        last = lookup.latest_card(db, submission)
        if last is not None and _rests_on(db, last, reading_id, figures, ruleset):
            return _summary(department, last.card)
        facts = effective.effective_facts(db, submission)
        inputs = {"facts": facts.model_dump(mode="json"), "figures": figures, "ruleset": ruleset.digest}
        if last is not None and last.inputs_digest == _inputs_digest(inputs, last.number):
            return _summary(department, last.card)
        number = last.number + 1 if last else 1
        inputs_digest = _inputs_digest(inputs, number)
        card = computed_card(facts, bureau_figures(figures, department.code, cycle.fiscal_year), ruleset)
        made = ScoreCardRecord(
            submission_id=submission.id,
            number=number,
            reading_id=reading_id,
            ruleset_id=ruleset.id,
            ruleset_digest=ruleset.digest,
            inputs_digest=inputs_digest,
            figures=figures,
            card=card.model_dump(mode="json"),
            scored_at=clock.now(),
        )
        db.add(made)
        effective.note_inputs(db, made)
        store.record(
            db,
            WHO,
            "card.made",
            f"{cycle.fiscal_year}/{department.code}",
            {"number": last.number} if last else None,
            {"number": made.number, "inputs": inputs_digest, "computed": made.card["computed_total"]},
        )
        return _summary(department, made.card)


def _reading_id(db: Session, submission: Submission) -> int | None:
    """The newest reading of the accepted version (最新读取结果), without loading what it says."""
    found = select(Reading.id).where(Reading.version_id == (submission.accepted_version_id or 0))
    return db.exec(found.order_by(col(Reading.id).desc())).first()


def _rests_on(db: Session, card: ScoreCardRecord, reading_id: int, figures: dict[str, str], ruleset: RuleSet) -> bool:
    """Whether a card rests on just these inputs (输入是否未变), told without reading or digesting the facts.

    Facts follow from the reading and its corrections, so the same reading with the same corrections has the same facts.
    """
    if (card.reading_id, card.figures, card.ruleset_digest) != (reading_id, figures, ruleset.digest):
        return False
    used = db.exec(select(CardCorrection.correction_id).where(CardCorrection.card_id == card.id))
    known = db.exec(select(CorrectionRecord.id).where(CorrectionRecord.submission_id == card.submission_id))
    return set(used) == set(known)


def _inputs_digest(inputs: dict[str, Any], number: int) -> str:
    """Covers the card's number too: figures that are put back to what they were make a card of their own."""
    return digest(inputs | {"number": number})


def _summary(department: Department, card: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": department.code,
        "name": department.name,
        "claimed": card["claimed_total"],
        "computed": card["computed_total"],
        "open": [line["label"] for line in card["lines"] if line["status"] == "needs_person"],
        "projects": [
            {
                "name": project["project"],
                "claimed": project["claimed_total"],
                "computed": project["computed_total"],
                "open": len(project["open_lines"]),
                "told": project["total_explanation"],
            }
            for project in card["projects"]
        ],
    }


def page_of(submission_id: int) -> str:
    """A department's newest score card as a page (评分表页面, Markdown); raises LookupError while it has none."""
    with store.session() as db:
        submission = db.get_one(Submission, submission_id)
        department = db.get_one(Department, submission.department_id)
        record = lookup.latest_card(db, submission)
        if record is None:
            raise LookupError(f"{department.name}尚未评分。")
        ruleset = rules.load(record.ruleset_id)
        return card_page(
            CardView(
                department=department.name,
                card=ScoreCard.model_validate(record.card),
                number=record.number,
                inputs_digest=record.inputs_digest,
                ruleset=ruleset.title,
                project_citations=tuple(dict.fromkeys(r.citation.spoken() for r in rules.project_rules(ruleset))),
            )
        )


def finish_scoring(fiscal_year: int) -> None:
    """Note that every accepted department has its card (评分完成)."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        accepted = [s for s, _ in lookup.submissions(db, cycle) if s.state is SubmissionState.ACCEPTED]
        if all(lookup.latest_card(db, s) for s in accepted):
            moves.mark_done(db, cycle, Stage.SCORING)


def record_judgement(fiscal_year: int, code: str, rule: str, score: Decimal, reason: str, who: str) -> Judgement:
    """Record a person's decision on a line (人工判定). The same decision again changes nothing; another replaces it.

    Raises JudgementError when the line does not exist, needs nobody, the score is outside [0, maximum] or has no reason.
    """
    reason, who = reason.strip(), who.strip()
    if not reason or not who:
        raise JudgementError("人工判定必须填写判定人和理由。")
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        submission, department = lookup.submission_of(db, cycle, code)
        line = _line(db, submission, department, rule)
        if line["status"] != "needs_person":
            raise JudgementError(f"{department.name}的“{line['label']}”可由规则计算，无需人工判定。")
        if not Decimal(0) <= score <= Decimal(line["maximum"]):
            raise JudgementError(f"“{line['label']}”得分应在0至{line['maximum']}分之间，填报的是{score}。")
        before = lookup.judgements_of(db, submission).get(rule)
        if before is not None and (before.score, before.reason, before.judged_by) == (score, reason, who):
            return before
        made = Judgement(
            submission_id=submission.id,
            rule=rule,
            number=before.number + 1 if before else 1,
            score=score,
            reason=reason,
            judged_by=who,
            judged_at=clock.now(),
        )
        db.add(made)
        store.record(
            db,
            who,
            "line.judged",
            f"{fiscal_year}/{code}/{rule}",
            {"score": str(before.score), "reason": before.reason} if before else None,
            {"score": str(score), "reason": reason},
        )
        return made


def line_in_words(fiscal_year: int, code: str, rule: str) -> str:
    """A department's line as people call it (指标名称), e.g. 某县教育局的“目标制定”. Raises JudgementError without a card."""
    with store.session() as db:
        submission, department = lookup.submission_of(db, lookup.cycle_of(db, fiscal_year), code)
        return f"{department.name}的“{_line(db, submission, department, rule)['label']}”"


def _line(db: Session, submission: Submission, department: Department, rule: str) -> dict[str, Any]:
    card = lookup.latest_card(db, submission)
    if card is None:
        raise JudgementError(f"{department.name}尚未评分。")
    for line in card.card["lines"]:
        if line["rule"] == rule:
            found: dict[str, Any] = line
            return found
    raise JudgementError(f"评价规则中没有“{rule}”这一项，可选：{'、'.join(x['rule'] for x in card.card['lines'])}。")
