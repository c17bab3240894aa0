"""What each letter says (函件内容): one frozen model per kind, so that an incomplete letter fails before it exists.

Letterhead (bureau, office, year, addressee, date, token, names of attachments) is not here: ``compose`` takes it from
the records. Every text is folded to one harmless line. Documented as tables in docs/letters.md.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import model_validator

from models.states import LetterKind
from tasks.mail.context_parts import Change as Change
from tasks.mail.context_parts import Context as Context
from tasks.mail.context_parts import Fact as Fact
from tasks.mail.context_parts import Line as Line
from tasks.mail.context_parts import Reason as Reason
from tasks.mail.remediation_contexts import RectificationCarriedContext as RectificationCarriedContext
from tasks.mail.remediation_contexts import RectificationClosedContext as RectificationClosedContext
from tasks.mail.remediation_contexts import RectificationContext as RectificationContext
from tasks.mail.remediation_contexts import RectificationExtensionContext as RectificationExtensionContext
from tasks.mail.remediation_contexts import RectificationLine as RectificationLine
from tasks.mail.remediation_contexts import RectificationReminderContext as RectificationReminderContext
from tasks.mail.remediation_contexts import RectificationReturnedContext as RectificationReturnedContext
from tasks.mail.token import Purpose


class NoticeContext(Context):
    """The yearly notice (绩效评价工作通知).

    ``reserved_lines`` are lines the department must leave blank; ``correction`` explains a corrected earlier notice;
    ``withdrawal`` says why an earlier notice no longer holds, and then nothing is asked for. ``prefilled`` says what the
    department's workbook holds already.
    """

    document_number: Line
    deadline: date
    prefilled: Line = ""
    requirements: tuple[Line, ...] = ()
    reserved_lines: tuple[Line, ...] = ()
    contact_person: Line | None = None
    contact_phone: Line | None = None
    correction: Line | None = None
    withdrawal: Line | None = None

    @model_validator(mode="after")
    def _corrected_or_withdrawn(self) -> Self:
        if self.correction is not None and self.withdrawal is not None:
            raise ValueError("a notice is either corrected or withdrawn")
        return self


class ReminderContext(Context):
    """A reminder (报送提醒): calendar days left (0 = today) or working days late; exactly one is given."""

    deadline: date
    days_left: int | None = None
    days_late: int | None = None
    step: int = 1
    extended: bool = False
    after_correction: bool = False

    @model_validator(mode="after")
    def _left_or_late(self) -> Self:
        if (self.days_left is None) == (self.days_late is None):
            raise ValueError("exactly one of days_left and days_late is needed")
        return self


class EscalationContext(Context):
    """To the leader in charge (逾期督办): working days late and when the handler was reminded."""

    deadline: date
    days_late: int
    reminded_on: tuple[date, ...] = ()
    handler: Line | None = None
    after_correction: bool = False


class ReceiptContext(Context):
    """What arrived and how it was understood (收件回执). ``misread``: it had been returned for what was only misread."""

    version: int
    received_on: date
    days_late: int = 0
    deadline: date | None = None
    files: tuple[Line, ...] = ()
    understood: tuple[Fact, ...] = ()
    questions: tuple[Reason, ...] = ()
    changes: tuple[Change, ...] = ()
    set_aside: tuple[Fact, ...] = ()
    misread: bool = False


class DuplicateContext(Context):
    """The same material again (重复报送说明)."""

    received_on: date
    first_received_on: date
    version: int | None = None
    latest_version: int | None = None
    files: tuple[Line, ...] = ()
    purpose: Purpose = Purpose.MATERIAL


class CorrectionContext(Context):
    """Returned for correction (退回修改通知): findings by ``Reason.group``, or why nothing could be read."""

    received_on: date
    reasons: tuple[Reason, ...]
    questions: tuple[Reason, ...] = ()
    version: int | None = None
    correct_by: date | None = None
    files: tuple[Line, ...] = ()
    purpose: Purpose = Purpose.MATERIAL


class ExtensionContext(Context):
    """An extension granted or refused (延期答复). ``deadline`` is the one that holds now."""

    granted: bool
    deadline: date
    reason: Line
    requested_to: date | None = None


class DrawnContext(Context):
    """Drawn for the spot check (抽查通知): how the draw was made, and what to keep ready."""

    drawn_on: date
    drawn: int
    departments: int
    method: Line
    seed: Line | None = None
    review_by: date
    reviewer: Line | None = None
    evidence: tuple[Line, ...] = ()


class DrawWithdrawnContext(Context):
    """A draw that a redraw replaced (抽查撤销通知): to a department no longer drawn, or to a reviewer (``departments``)."""

    drawn_on: date
    reason: Line
    departments: tuple[Line, ...] = ()


class ReviewTaskContext(Context):
    """A task for a reviewer (复核任务)."""

    review_by: date
    lines: int
    instructions: tuple[Line, ...] = ()
    findings: int = 0


class SecondReviewTaskContext(Context):
    """A task for the second, independent reviewer (第二复核任务)."""

    review_by: date
    lines: int
    findings: int = 0


class SettlementTaskContext(Context):
    """A task for who settles what two reviewers differ in (复核定案任务): ``lines`` of ``of`` differ."""

    settle_by: date
    lines: int
    of: int
    tolerance: Decimal = Decimal(0)


class ReviewReturnedContext(Context):
    """A review workbook that cannot be recorded (复核工作簿退回)."""

    received_on: date
    problems: tuple[Reason, ...]
    review_by: date | None = None


class ResultLine(Context):
    """One scored line (得分明细). None is printed as —, never as 0."""

    label: Line
    maximum: Decimal | None = None
    self_score: Decimal | None = None
    reviewed: Decimal | None = None
    final: Decimal | None = None
    explanation: Line = ""


class ResultContext(Context):
    """The explained result (评价结果反馈). ``version`` above 1 follows an objection or correction."""

    lines: tuple[ResultLine, ...]
    self_score: Decimal | None
    review_score: Decimal | None = None
    deviation_percent: Decimal | None = None
    deduction: Decimal | None = None
    deviation_explanation: Line | None = None
    final_score: Decimal | None
    grade: Line | None
    spot_checked: bool
    object_by: date | None = None
    version: int = 1
    ruleset: Line | None = None
    remarks: tuple[Line, ...] = ()


class ObjectionReceivedContext(Context):
    """An objection was received (申诉受理通知). ``late_after``: it came after this last day and is only kept on file."""

    received_on: date
    summary: Line
    decide_by: date | None = None
    late_after: date | None = None
    files: tuple[Line, ...] = ()


class ObjectionDecidedContext(Context):
    """An objection was decided (申诉处理决定)."""

    upheld: bool
    received_on: date
    decided_on: date
    reason: Line
    changes: tuple[Change, ...] = ()
    final_score: Decimal | None = None
    grade: Line | None = None


class PublishedContext(Context):
    """The results are public (评价结果通报). ``changes`` lists what a corrected edition changed."""

    edition: int
    published_on: date
    address: Line | None = None
    final_score: Decimal | None = None
    grade: Line | None = None
    summary: tuple[Fact, ...] = ()
    changes: tuple[Line, ...] = ()


class StaffAlertContext(Context):
    """Something that the bureau's staff must look at (运行告警)."""

    title: Line
    what: Line
    next_step: Line
    happened_at: datetime | None = None
    details: tuple[Fact, ...] = ()


CONTEXTS: dict[LetterKind, type[Context]] = {
    LetterKind.NOTICE: NoticeContext,
    LetterKind.REMINDER: ReminderContext,
    LetterKind.ESCALATION: EscalationContext,
    LetterKind.RECEIPT: ReceiptContext,
    LetterKind.DUPLICATE: DuplicateContext,
    LetterKind.CORRECTION: CorrectionContext,
    LetterKind.EXTENSION: ExtensionContext,
    LetterKind.DRAWN: DrawnContext,
    LetterKind.DRAW_WITHDRAWN: DrawWithdrawnContext,
    LetterKind.REVIEW_TASK: ReviewTaskContext,
    LetterKind.SECOND_REVIEW_TASK: SecondReviewTaskContext,
    LetterKind.SETTLEMENT_TASK: SettlementTaskContext,
    LetterKind.REVIEW_RETURNED: ReviewReturnedContext,
    LetterKind.RESULT: ResultContext,
    LetterKind.OBJECTION_RECEIVED: ObjectionReceivedContext,
    LetterKind.OBJECTION_DECIDED: ObjectionDecidedContext,
    LetterKind.RECTIFICATION: RectificationContext,
    LetterKind.RECTIFICATION_REMINDER: RectificationReminderContext,
    LetterKind.RECTIFICATION_RETURNED: RectificationReturnedContext,
    LetterKind.RECTIFICATION_EXTENSION: RectificationExtensionContext,
    LetterKind.RECTIFICATION_CLOSED: RectificationClosedContext,
    LetterKind.RECTIFICATION_CARRIED: RectificationCarriedContext,
    LetterKind.PUBLISHED: PublishedContext,
    LetterKind.STAFF_ALERT: StaffAlertContext,
}
