"""How a practice department behaves (演练情节): what it sends when, with which flaw, and what it answers later."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from models.document import Frozen
from models.numbers import Number
from tasks.practice.county_mistakes import Misrecorded
from tasks.practice.county_second import SecondReview
from tasks.practice.county_wishes import ExtensionRequest, PracticeObjection


class ReviewedLine(Frozen):
    """What a reviewer finds for one rubric line (复核结果). A deduction has a reason and a criterion."""

    line: str
    weight: Number
    score: Number
    reason: str | None = None
    criterion: str | None = None

    @model_validator(mode="after")
    def _a_deduction_has_a_reason(self) -> ReviewedLine:
        if self.score < self.weight and not (self.reason and self.criterion):
            raise ValueError(f"“{self.line}”扣分却没有写明原因和依据")
        return self


class When(StrEnum):
    """What a day is counted from (计日起点)."""

    NOTICE = "notice"  # the notice, or for remediation the remediation notice
    DEADLINE = "deadline"
    RETURNED = "returned"  # the bureau's letter that returns the material
    PREVIOUS = "previous"  # the department's own previous attempt
    PLANNED = "planned"  # the department's own plan
    EXTENSION = "extension"  # the bureau's decision on the extension


class Channel(StrEnum):
    """How material comes in (报送渠道)."""

    MAILBOX = "mailbox"
    DROP_FOLDER = "drop_folder"


class Files(StrEnum):
    """Which files an attempt consists of (报送文件形式)."""

    DOCX = "docx"
    PDF = "pdf"
    DOCX_XLSX = "docx_xlsx"  # the report without, and a workbook with, the project tables
    ZIP = "zip"  # the report and the project tables as two documents, names in GBK


class Flaw(StrEnum):
    """What is wrong with an attempt on purpose (有意设置的差错)."""

    NONE = "none"
    WRONG_YEAR = "wrong_year"
    TRUNCATED = "truncated"


class ChangedActual(Frozen):
    """A completion value that an earlier attempt stated differently (前次报送的不同完成值)."""

    project: str
    indicator: str
    actual: str
    score: Number


class Attempt(Frozen):
    """One sending (一次报送), ``days`` after ``after``. ``claims`` and ``actuals`` differ from the final ones.

    ``sender`` is the address it is mailed from where that is not the one in the roster.
    """

    number: int
    after: When
    days: int
    channel: Channel
    files: Files
    flaw: Flaw = Flaw.NONE
    letter: str
    sender: str | None = None
    claims: dict[str, Number] = Field(default_factory=dict)
    actuals: tuple[ChangedActual, ...] = ()


class Planted(Frozen):
    """A contradiction planted in a report (埋设的矛盾): what is printed, and what would be right."""

    kind: str  # sum, execution_rate, rank_operator
    item: str
    project: str | None = None
    printed: str
    right: str
    note: str


class Lowered(Frozen):
    """A target that the department changed on its own (擅自调整的指标值); ``approved`` is what the bureau approved."""

    project: str
    indicator: str
    approved: str


class Claim(StrEnum):
    """How a department judges itself (自评倾向)."""

    HONEST = "honest"
    OVER = "over"
    UNDER = "under"
    NONE = "none"


class Story(Frozen):
    """How a department behaves in the practice year (演练情节). ``deduction`` is the one it earns when drawn."""

    summary: str
    claim: Claim
    deduction: int
    attempts: tuple[Attempt, ...] = ()
    planted: tuple[Planted, ...] = ()
    extension: ExtensionRequest | None = None
    objection: PracticeObjection | None = None
    lowered: tuple[Lowered, ...] = ()
    second_review: SecondReview | None = None
    misrecorded: Misrecorded | None = None


class RemediationStep(Frozen):
    """One answer of a department to the remediation notice (整改反馈), ``days`` after ``after``.

    ``state`` is planned, claimed_done or extension; ``due_days`` counts from the remediation notice. Where
    ``returned_because`` stands, the bureau should return this answer once.
    """

    number: int
    after: When
    days: int
    state: str
    owner: str
    due_days: int
    measure: str
    progress: str
    evidence: str = ""
    returned_because: str | None = None
