"""What a reviewer is given (复核材料): the card's lines, the indicators and the findings of one department."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from models import rules
from models.facts import Finding, Severity
from models.records import Cycle, Department, Submission
from models.rules.cards import ScoreCard
from models.states import ReviewSeat
from tasks import lookup
from tasks.stages import effective, findings
from tasks.writing.review_view import ReviewWorkbookView, review_view


def workbook_view(
    db: Session,
    cycle: Cycle,
    submission: Submission,
    department: Department,
    draw_number: int,
    reviewer: str = "",
    seat: ReviewSeat = ReviewSeat.FIRST,
) -> ReviewWorkbookView:
    """The content of a review workbook (复核工作簿内容) from what is stored; the same before sending and after return."""
    card = lookup.latest_card(db, submission)
    if card is None:
        raise LookupError(f"{department.name}尚未评分，不能生成复核工作簿。")
    return review_view(
        ScoreCard.model_validate(card.card),
        rules.load(card.ruleset_id),
        department=department.name,
        bureau=cycle.bureau,
        reviewer=reviewer,
        seat=seat,
        version=draw_number,
        indicators=effective.facts_of_card(db, card).indicators,
        findings=loud(findings.standing(db, submission)),
    )


def loud(found: Iterable[Finding]) -> list[Finding]:
    """Findings that a person should look at (需关注的疑点): contradictions first, then questions."""
    order = (Severity.ERROR, Severity.QUESTION)
    return sorted((f for f in found if f.severity in order), key=lambda f: order.index(f.severity))
