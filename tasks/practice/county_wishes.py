"""What a practice department asks the bureau for (演练情节：申请与申诉), and what the bureau answers in the county's story."""

from __future__ import annotations

from models.document import Frozen
from models.numbers import Number


class ExtensionRequest(Frozen):
    """A mail that asks for more time (延期申请), ``days`` after the notice. ``until`` is MM-DD of the working year."""

    days: int
    until: str
    letter: str
    granted: bool
    answer: str


class CorrectedScore(Frozen):
    """A line that an upheld objection scores anew (更正得分)."""

    line: str
    score: Number
    reason: str


class PracticeObjection(Frozen):
    """An objection (申诉), ``days`` after the result. ``evidence`` names the paper that is attached, and says what it says.

    ``corrections`` stand where it is ``upheld``; ``answer`` is the reason of the decision either way.
    """

    days: int
    letter: str
    evidence: tuple[str, str] | None = None
    upheld: bool
    answer: str
    corrections: tuple[CorrectedScore, ...] = ()
