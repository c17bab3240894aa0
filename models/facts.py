"""What a report says (报告事实): every value with the place it was read from.

Money is in 万元, rates in percent, scores in points. ``None`` means absent or blank, never zero. Text values are as
printed with white space folded. The JSON shape of these classes is the interface of ``jixiao read --json``.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from models.document import FileIdentity, Frozen, Source
from models.numbers import Number


class ReportKind(StrEnum):
    """The kinds of report that a file may hold (报告种类)."""

    DEPARTMENT = "department"  # 部门整体支出绩效自评
    PROJECT = "project"  # 项目支出绩效自评
    FINAL_ACCOUNTS = "final_accounts"  # 部门决算


class Operator(StrEnum):
    """The sign before a target (指标性质). ``TEXT`` where the target is words or a scale such as 优良中差."""

    AT_LEAST = "≥"
    AT_MOST = "≤"
    EQUAL = "="
    MORE = ">"
    LESS = "<"
    TEXT = "text"


class Read(Frozen):
    """Base of every row that was read: its place, the places of single values, and how sure the reader is.

    ``places`` maps a field name to its own cell where the row spans several. ``confidence`` is absent when certain.
    """

    source: Source
    places: dict[str, Source] = Field(default_factory=dict)
    confidence: Number | None = None


class ReportPart(Read):
    """One report inside a file (一份报告). ``score_blank``: the sentence for the score is there, the number is not."""

    id: str
    kind: ReportKind
    title: str
    department: str | None = None
    fiscal_year: str | None = None
    self_score: Number | None = None
    score_blank: bool = False
    grade: str | None = None


class MoneyFact(Read):
    """One amount (金额, 万元). ``key`` is one of the names listed in ``docs/facts.md``."""

    key: str
    value: Number
    year: str | None = None
    report: str | None = None


class FunctionLine(Read):
    """Expenditure by function (功能分类支出, 万元)."""

    name: str
    budget: Number | None = None
    actual: Number | None = None


class ProjectFacts(Read):
    """One project (项目支出) with its budget line. Amounts in 万元, ``execution_rate`` in percent."""

    name: str
    code: str | None = None
    budget: Number | None = None
    adjusted: Number | None = None
    executed: Number | None = None
    execution_rate: Number | None = None
    execution_weight: Number | None = None
    execution_score: Number | None = None
    self_score: Number | None = None
    report: str | None = None


class IndicatorLine(Read):
    """One indicator (绩效指标) of a project, or of the department where ``project`` is None."""

    project: str | None = None
    level1: str | None = None
    level2: str | None = None
    level3: str | None = None
    operator: Operator | None = None
    target: Number | None = None
    unit: str | None = None
    target_text: str | None = None
    actual: Number | None = None
    actual_text: str | None = None
    weight: Number | None = None
    score: Number | None = None
    reason: str | None = None
    report: str | None = None


class RubricLine(Read):
    """One line of the department rubric (部门整体绩效评价指标) with the score the department gave itself."""

    level1: str | None = None
    level2: str | None = None
    level3: str
    weight: Number | None = None
    score: Number | None = None
    report: str | None = None


class Passage(Read):
    """A problem (存在问题) or a measure (改进措施) in the department's own words."""

    project: str | None = None
    text: str
    report: str | None = None


class Question(Frozen):
    """Something the reader could not decide (待确认事项), with its place; a person answers it."""

    field: str
    message: str
    source: Source | None = None


class Severity(StrEnum):
    """How a finding is meant (疑点级别)."""

    ERROR = "error"  # cannot both be true, or breaks a rule
    QUESTION = "question"  # needs judgement
    INFORMATION = "information"  # e.g. a difference of rounding
    CONFIRMED = "confirmed"  # recomputed and right


class FindingPlace(Frozen):
    """One side of a finding (疑点的一处出处)."""

    quote: str
    source: Source


class Finding(Frozen):
    """A contradiction or a confirmation (疑点). ``message`` is one polite Chinese sentence that accuses neither side."""

    code: str
    severity: Severity
    message: str
    places: tuple[FindingPlace, ...] = ()
    computed: dict[str, str] = Field(default_factory=dict)


class ReadError(Frozen):
    """Why a file could not be read (读取失败): a stable code and a Chinese sentence that says what to do next."""

    code: str
    message: str


class ReportFacts(Frozen):
    """Everything one file says (一份报送材料的全部事实).

    ``department`` and ``self_score`` are those of the department's overall report where there is one.
    """

    file: FileIdentity
    department: str | None = None
    fiscal_year: str | None = None
    self_score: Number | None = None
    grade: str | None = None
    reports: tuple[ReportPart, ...] = ()
    money: tuple[MoneyFact, ...] = ()
    expenditure_by_function: tuple[FunctionLine, ...] = ()
    projects: tuple[ProjectFacts, ...] = ()
    indicators: tuple[IndicatorLine, ...] = ()
    rubric: tuple[RubricLine, ...] = ()
    problems: tuple[Passage, ...] = ()
    measures: tuple[Passage, ...] = ()
    questions: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
