"""A figure that the bureau itself got wrong, and when it notices (演练情节：财政数据录入有误)."""

from __future__ import annotations

from models.document import Frozen
from models.figures import FigureKey
from models.numbers import Number


class Misrecorded(Frozen):
    """A figure of the bureau's that was typed wrongly (误录的财政数据): ``recorded`` instead of the right one.

    It is noticed ``days`` after the publication; ``reason`` is what the corrected edition gives as its cause.
    """

    figure: FigureKey
    recorded: Number
    days: int
    reason: str
