"""What the public sees (公开结果): the allow-list of fields, and the one function that fills it.

``results.json`` has exactly the shape of ``PublishedResults``. A field that is not here cannot reach the site, the open
data or the bulletin. Numbers are plain decimal strings, absent ones null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from models.document import Frozen
from models.numbers import Number, trimmed
from models.rules.cards import Outcome, OutcomeLine
from models.rules.schema import RuleSet
from models.states import Labelled


class PublishedStatus(Labelled):
    """How far a department's result is (结果状态)."""

    EVALUATED = "evaluated", "已评价"
    NOT_SUBMITTED = "not_submitted", "未报送"
    RETURNED = "returned", "退回后未改正"
    UNDECIDED = "undecided", "待判定"


class PublishedRuleSet(Frozen):
    """The rule set by which was scored (评价规则)."""

    id: str
    digest: str
    title: str = ""
    version: str = ""


class PublishedLine(Frozen):
    """One line of a result (分项得分)."""

    rule: str
    self: Number | None
    computed: Number | None
    reviewed: Number | None
    final: Number | None
    explanation: str
    label: str
    level1: str = ""
    level2: str = ""
    maximum: Number | None = None
    judged: Number | None = None


class PublishedDepartment(Frozen):
    """One department's result (部门结果). ``deviation_percent`` is exact, ``deviation_shown`` is how people write it."""

    code: str
    name: str
    self_score: Number | None
    review_score: Number | None
    deviation_percent: Number | None
    deduction: Number | None
    final_score: Number | None
    grade: str | None
    spot_checked: bool
    lines: tuple[PublishedLine, ...]
    status: Literal["evaluated", "not_submitted", "returned", "undecided"] = "evaluated"
    rank: str | None = None
    deviation_shown: str | None = None
    deviation_explanation: str | None = None
    total_explanation: str = ""

    @property
    def status_label(self) -> str:
        """The status in words (状态说明)."""
        return PublishedStatus(self.status).label


class PublishedChange(Frozen):
    """One thing that an edition shows otherwise than the one before (更正事项): from, to, and why, in words.

    ``kind`` "rank": only the place moved, because others' results did.
    """

    code: str
    department: str
    kind: Literal["result", "rank"]
    item: str
    before: str | None
    after: str | None
    why: str


class PublishedCorrection(Frozen):
    """What a corrected edition corrects (更正说明): why, and the edition before. Withdrawn departments are only counted."""

    reason: str
    edition: str
    published_on: str
    document_number: str | None
    withdrawn: str = "0"


class PublishedResults(Frozen):
    """A published edition (公开版次), departments in the order of their rank."""

    fiscal_year: str
    ruleset: PublishedRuleSet
    departments: tuple[PublishedDepartment, ...]
    county: str = ""
    bureau: str = ""
    edition: str = "1"
    published_on: str = ""
    document_number: str | None = None
    changes: tuple[str, ...] = ()
    correction: PublishedCorrection | None = None
    revisions: tuple[PublishedChange, ...] = ()


class DepartmentResult(Frozen):
    """What is known inside the house about one department (部门结果的内部数据); only listed parts of it are published.

    ``outcome`` None: nothing acceptable was handed in; ``returned``: something was, and it was not corrected.
    ``reasons`` maps a rule to the reviewer's reason and criterion in words.
    """

    code: str
    name: str
    outcome: Outcome | None
    returned: bool = False
    withheld: bool = False
    reasons: Mapping[str, str] = Field(default_factory=dict)


def published_results(
    ruleset: RuleSet,
    results: Iterable[DepartmentResult],
    *,
    fiscal_year: int,
    county: str = "",
    bureau: str = "",
    edition: int = 1,
    published_on: date | None = None,
    document_number: str | None = None,
    changes: Iterable[str] = (),
) -> PublishedResults:
    """Fill the allow-list (生成公开结果). Withheld departments are left out without a trace; equal scores share a rank."""
    shown = [result for result in results if not result.withheld]
    scores = [result.outcome.final_score for result in shown if result.outcome is not None]
    known = [score for score in scores if score is not None]
    departments = [_department(result, ruleset, known) for result in shown]
    departments.sort(key=_order)
    return PublishedResults(
        fiscal_year=str(fiscal_year),
        ruleset=PublishedRuleSet(id=ruleset.id, digest=ruleset.digest, title=ruleset.title, version=ruleset.version),
        departments=tuple(departments),
        county=county,
        bureau=bureau,
        edition=str(edition),
        published_on=published_on.isoformat() if published_on else "",
        document_number=document_number,
        changes=tuple(changes),
    )


def _order(department: PublishedDepartment) -> tuple[bool, Decimal, str]:
    score = department.final_score
    return score is None, -(score or Decimal(0)), department.code


def _department(result: DepartmentResult, ruleset: RuleSet, known: list[Decimal]) -> PublishedDepartment:
    outcome = result.outcome
    if outcome is None:
        return PublishedDepartment(
            code=result.code,
            name=result.name,
            self_score=None,
            review_score=None,
            deviation_percent=None,
            deduction=None,
            final_score=None,
            grade=None,
            spot_checked=False,
            lines=(),
            status="returned" if result.returned else "not_submitted",
            total_explanation="未按通知要求报送自评材料，不评定得分和等级。",
        )
    score = outcome.final_score
    status = PublishedStatus.UNDECIDED if score is None else PublishedStatus.EVALUATED
    deviation = outcome.deviation
    return PublishedDepartment(
        code=result.code,
        name=result.name,
        self_score=_tidy(outcome.self_score),
        review_score=_tidy(outcome.review_score),
        deviation_percent=_tidy(deviation.percent) if deviation else None,
        deduction=_tidy(outcome.deduction),
        final_score=_tidy(score),
        grade=outcome.grade.name if outcome.grade else None,
        spot_checked=outcome.spot_checked,
        lines=tuple(_line(line, ruleset, result.reasons.get(line.rule, "")) for line in outcome.lines),
        status=status.value,
        rank=None if score is None else str(1 + sum(1 for other in known if other > score)),
        deviation_shown=deviation.shown if deviation else None,
        deviation_explanation=deviation.explanation if deviation else None,
        total_explanation=outcome.total_explanation,
    )


def _line(line: OutcomeLine, ruleset: RuleSet, reason: str) -> PublishedLine:
    rule = ruleset.rule(line.rule)
    return PublishedLine(
        rule=line.rule,
        self=_tidy(line.self),
        computed=_tidy(line.computed),
        reviewed=_tidy(line.reviewed),
        final=_tidy(line.final),
        explanation=f"{line.explanation}扣分理由：{reason.rstrip('。')}。" if reason else line.explanation,
        label=line.label,
        level1=rule.level1,
        level2=rule.level2,
        maximum=_tidy(line.maximum),
        judged=_tidy(line.judged),
    )


def _tidy(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(trimmed(value))
