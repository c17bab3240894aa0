"""Remediation by the rules of the house (整改口径): how grave a problem is, what proves it is solved, whether it came back.

Pure. The policy is part of the rule set; its defaults are those of common practice, none is law. [NC]
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import SequenceMatcher
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from models.document import Frozen
from models.numbers import Number
from models.states import ItemSeverity, RectificationOrigin

_GRADES = tuple(ItemSeverity)
# Numbers before a point, and marks: two years seldom print them alike.
_NOISE = re.compile(
    r"^(?:[一二三四五六七八九十]{1,2}是|[（(]?[一二三四五六七八九十\d]{1,2}[)）、.．]|[①-⑳])|[\s，。；：、,.;:“”\"'（）()]"
)


class SeverityByOrigin(Frozen):
    """How grave a problem is by where it comes from (按来源的严重程度); what the review found is graded by points lost."""

    report: ItemSeverity = ItemSeverity.MINOR
    finding: ItemSeverity = ItemSeverity.SERIOUS
    staff: ItemSeverity = ItemSeverity.SERIOUS
    carried: ItemSeverity = ItemSeverity.GRAVE


class EvidenceByOrigin(Frozen):
    """What proves that a problem is solved, by where it comes from (按来源应附的佐证)."""

    report: str = "整改措施的落实文件，以及能够说明问题已经解决的数据或台账。"
    finding: str = "更正后的数据或说明，并附据以核对的原始凭证、报表或文件。"
    review: str = "针对复核扣分理由的整改结果，并附验收单、系统记录、调查材料等原始佐证。"
    staff: str = "能够证明问题已经解决的文件、凭证或数据。"
    carried: str = "上年度未完成事项的整改结果，附全部佐证材料和分管领导签字的说明。"


class DaysBySeverity(Frozen):
    """Within how many days an item is due (按严重程度的整改天数); None: within the calendar's ``rectify_days``."""

    minor: int | None = Field(default=None, ge=1)
    serious: int | None = Field(default=None, ge=1)
    grave: int | None = Field(default=None, ge=1)


class RemediationPolicy(Frozen):
    """What an item is opened with (整改事项口径).

    ``severity`` and ``evidence`` by origin, ``days`` by severity. A reviewed line that lost ``grave_share`` of its points or
    more is grave, one that lost ``serious_share`` serious, less is minor. Two texts of two years are the same problem from
    ``alike`` on (0 to 1); a problem that comes back is one grade graver where ``repeated_graver``. ``confirmed`` False: no
    text we could read says so. The report's date and the steps of the reminders are the calendar's.
    """

    severity: SeverityByOrigin = SeverityByOrigin()
    evidence: EvidenceByOrigin = EvidenceByOrigin()
    days: DaysBySeverity = DaysBySeverity()
    grave_share: Number = Field(default=Decimal("0.5"), gt=0, le=1)
    serious_share: Number = Field(default=Decimal("0.2"), gt=0, le=1)
    alike: Number = Field(default=Decimal("0.85"), gt=0, le=1)
    repeated_graver: bool = True
    confirmed: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.serious_share > self.grave_share:
            raise ValueError("整改口径中“较重”的失分比例不能高于“严重”的，请核对后修改。")
        return self

    def within(self, severity: ItemSeverity, otherwise: int) -> int:
        """Within how many days an item of this severity is due (整改天数), ``otherwise`` where the policy leaves it open."""
        chosen: int | None = getattr(self.days, severity.value)
        return otherwise if chosen is None else chosen


class Problem(NamedTuple):
    """One problem to be put right (一个需整改的问题)."""

    origin: RectificationOrigin
    text: str
    severity: ItemSeverity
    evidence: str


def problem(origin: RectificationOrigin, text: str, policy: RemediationPolicy) -> Problem:
    """A problem with the severity and the evidence of its origin (按来源确定严重程度和佐证)."""
    severity: ItemSeverity = getattr(policy.severity, origin.value)
    return Problem(origin, text, severity, getattr(policy.evidence, origin.value))


def reviewed_problem(text: str, score: Decimal, maximum: Decimal | None, policy: RemediationPolicy) -> Problem:
    """A deduction of the review as a problem (复核扣分事项): the more of the line was lost, the graver."""
    lost = (maximum - score) / maximum if maximum else Decimal(0)
    severity = ItemSeverity.MINOR
    if lost >= policy.serious_share:
        severity = ItemSeverity.SERIOUS
    if lost >= policy.grave_share:
        severity = ItemSeverity.GRAVE
    return Problem(RectificationOrigin.REVIEW, text, severity, policy.evidence.review)


def severity_of(found: Problem, again: str | None, policy: RemediationPolicy) -> ItemSeverity:
    """The severity an item is opened with (事项的严重程度): a problem that came back is graver where the policy says so."""
    return graver(found.severity) if again and policy.repeated_graver else found.severity


def graver(severity: ItemSeverity) -> ItemSeverity:
    """The next grade of severity (提高一级); the gravest stays."""
    return _GRADES[min(_GRADES.index(severity) + 1, len(_GRADES) - 1)]


def repeated(text: str, earlier: Iterable[tuple[str, str]], policy: RemediationPolicy) -> str | None:
    """The earlier item that says the same (重复出现的问题), by its name; ``earlier`` holds (name, text). The likest wins."""
    own = _NOISE.sub("", text)
    best: tuple[float, str] | None = None
    for name, other in earlier:
        likeness = SequenceMatcher(None, own, _NOISE.sub("", other), autojunk=False).ratio()
        if likeness >= policy.alike and (best is None or likeness > best[0]):
            best = (likeness, name)
    return best[1] if best else None
