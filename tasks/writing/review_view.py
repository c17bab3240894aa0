"""What a review workbook shows (复核工作簿内容): the card's lines, the claimed indicators, the findings."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from models.document import Frozen
from models.facts import Finding, IndicatorLine
from models.numbers import Number, trimmed
from models.rules.cards import ScoreCard
from models.rules.schema import RuleSet
from models.rules.verdict import ScoreInput
from models.states import ReviewSeat
from tasks.writing.rubric import rubric_rows


class ReviewLineView(Frozen):
    """One rubric line to review (复核指标). ``working``: formula and inputs in words, or why a person must judge."""

    rule: str
    level1: str
    level2: str
    label: str
    maximum: Number
    self: Number | None = None
    computed: Number | None = None
    working: str = ""
    criterion: str = ""
    citation: str = ""


class ReviewPaper(Frozen):
    """What a workbook of the review is and whose (复核表的归属). ``version`` is the number of the draw it belongs to."""

    fiscal_year: int
    code: str
    department: str
    bureau: str = ""
    reviewer: str = ""
    seat: ReviewSeat = ReviewSeat.FIRST
    version: int = 1


class ReviewWorkbookView(ReviewPaper):
    """A review workbook's content (复核工作簿内容)."""

    self_total: Number | None = None
    lines: tuple[ReviewLineView, ...]
    indicators: tuple[IndicatorLine, ...] = ()
    findings: tuple[Finding, ...] = ()


def review_view(
    card: ScoreCard,
    ruleset: RuleSet,
    *,
    department: str,
    bureau: str = "",
    reviewer: str = "",
    seat: ReviewSeat = ReviewSeat.FIRST,
    version: int = 1,
    indicators: Sequence[IndicatorLine] = (),
    findings: Sequence[Finding] = (),
) -> ReviewWorkbookView:
    """The view of a score card (由评分卡生成复核内容): the lines a department may claim whose maximum is known."""
    lines = []
    for row in rubric_rows(ruleset):
        line = card.line(row.rule)
        if not row.claimed or row.maximum is None:
            continue
        lines.append(
            ReviewLineView(
                rule=row.rule,
                level1=row.level1,
                level2=row.level2,
                label=row.label,
                maximum=row.maximum,
                self=line.claimed,
                computed=line.computed,
                working=_working(line.formula, line.reason, line.note, line.inputs),
                criterion=row.criterion,
                citation=row.citation,
            )
        )
    return ReviewWorkbookView(
        fiscal_year=card.fiscal_year,
        code=card.department,
        department=department,
        bureau=bureau,
        reviewer=reviewer,
        seat=seat,
        version=version,
        self_total=card.claimed_total,
        lines=tuple(lines),
        indicators=tuple(indicators),
        findings=tuple(findings),
    )


def _working(formula: str | None, reason: str | None, note: str | None, inputs: Sequence[ScoreInput]) -> str:
    parts = [formula or "", f"需人工判定：{reason}" if reason else "", note or ""]
    return "\n".join([part for part in parts if part] + [_input_words(item) for item in inputs])


def _input_words(item: ScoreInput) -> str:
    value = _amount(item.value, item.unit) if item.value is not None else item.text or "缺"
    place = item.source.spoken() if item.source else ""
    origin = {"report": "自评报告", "bureau": "财政数据"}[item.origin]
    return f"{item.label}：{value}（{origin}{place}）"


def _amount(value: Decimal, unit: str | None) -> str:
    return f"{trimmed(value)}{unit or ''}"
