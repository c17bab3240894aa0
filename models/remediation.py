"""Remediation by the rules of the house (整改口径): how grave a problem is, what proves it is solved, whether it came back.

Pure. The policy's defaults are those of common practice; none is law.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import SequenceMatcher
from typing import NamedTuple

from models.document import Frozen
from models.numbers import Number
from models.states import ItemSeverity, RectificationOrigin

_GRADES = tuple(ItemSeverity)
# Numbers before a point, and marks: two years seldom print them alike.
_NOISE = re.compile(
    r"^(?:[一二三四五六七八九十]{1,2}是|[（(]?[一二三四五六七八九十\d]{1,2}[)）、.．]|[①-⑳])|[\s，。；：、,.;:“”\"'（）()]"
)


class RemediationPolicy(Frozen):
    """What an item is opened with (整改事项口径).

    ``severity`` and ``evidence`` by origin. A reviewed line that lost ``grave_share`` of its points or more is grave, one
    that lost ``serious_share`` serious, less is minor. Two texts of two years are the same problem from ``alike`` on
    (0 to 1); a problem that comes back is one grade graver.
    """

    severity: Mapping[RectificationOrigin, ItemSeverity] = {
        RectificationOrigin.REPORT: ItemSeverity.MINOR,
        RectificationOrigin.FINDING: ItemSeverity.SERIOUS,
        RectificationOrigin.STAFF: ItemSeverity.SERIOUS,
        RectificationOrigin.CARRIED: ItemSeverity.GRAVE,
    }
    evidence: Mapping[RectificationOrigin, str] = {
        RectificationOrigin.REPORT: "整改措施的落实文件，以及能够说明问题已经解决的数据或台账。",
        RectificationOrigin.FINDING: "更正后的数据或说明，并附据以核对的原始凭证、报表或文件。",
        RectificationOrigin.REVIEW: "针对复核扣分理由的整改结果，并附验收单、系统记录、调查材料等原始佐证。",
        RectificationOrigin.STAFF: "能够证明问题已经解决的文件、凭证或数据。",
        RectificationOrigin.CARRIED: "上年度未完成事项的整改结果，附全部佐证材料和分管领导签字的说明。",
    }
    grave_share: Number = Decimal("0.5")
    serious_share: Number = Decimal("0.2")
    alike: Number = Decimal("0.85")


class Problem(NamedTuple):
    """One problem to be put right (一个需整改的问题)."""

    origin: RectificationOrigin
    text: str
    severity: ItemSeverity
    evidence: str


def problem(origin: RectificationOrigin, text: str, policy: RemediationPolicy) -> Problem:
    """A problem with the severity and the evidence of its origin (按来源确定严重程度和佐证)."""
    return Problem(origin, text, policy.severity[origin], policy.evidence[origin])


def reviewed_problem(text: str, score: Decimal, maximum: Decimal | None, policy: RemediationPolicy) -> Problem:
    """A deduction of the review as a problem (复核扣分事项): the more of the line was lost, the graver."""
    lost = (maximum - score) / maximum if maximum else Decimal(0)
    severity = ItemSeverity.MINOR
    if lost >= policy.serious_share:
        severity = ItemSeverity.SERIOUS
    if lost >= policy.grave_share:
        severity = ItemSeverity.GRAVE
    return Problem(RectificationOrigin.REVIEW, text, severity, policy.evidence[RectificationOrigin.REVIEW])


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
