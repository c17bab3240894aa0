"""A department that two people review, and what a third decides where they differ (演练情节：双人复核)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.document import Frozen
from models.numbers import Number


class Opinion(Frozen):
    """What somebody says of one line (复核意见): points, reason, and for a deduction the criterion."""

    line: str
    score: Number
    reason: str
    criterion: str = ""


class SecondReview(Frozen):
    """A second reviewer and who settles (双人复核), ``reason`` is why one is appointed.

    The second reviewer finds what the first does, but for ``differing``; who settles decides these lines as ``settled``.
    """

    reason: str
    differing: tuple[Opinion, ...]
    settled: tuple[Opinion, ...]


def second_review_from(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A second review out of its rows (由数据生成双人复核): line, points, reason and criterion each."""
    rows = {key: [dict(zip(Opinion.model_fields, row, strict=False)) for row in plain[key]] for key in SIDES}
    return {**plain, **rows}


SIDES = ("differing", "settled")
