"""What a rule kind answers for one line (单项判定): points with a formula, or why a person is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

from models.document import Frozen, Source
from models.facts import ReportFacts
from models.figures import FIGURES, TEXTS, BureauFigures, FigureKey
from models.numbers import Number, rounded, trimmed
from models.rules.schema import Rule


class LineStatus(StrEnum):
    """How far a line is decided (评分状态)."""

    COMPUTED = "computed"  # 已计算
    NEEDS_PERSON = "needs_person"  # 需人工判定
    AFTER_REVIEW = "after_review"  # 抽查复核后计算


class ScoreInput(Frozen):
    """One figure or text a line was computed from (计算依据). ``origin``: the department's report or the bureau's data."""

    name: str
    label: str
    value: Number | None = None
    text: str | None = None
    unit: str | None = None
    origin: Literal["report", "bureau"]
    source: Source | None = None


@dataclass(frozen=True)
class Verdict:
    """The answer of a kind (判定结果). ``points`` is exact; the score card rounds it.

    ``formula`` is an expression whose value is the points, or, where ``stated``, a clause that explains them.
    """

    status: LineStatus
    points: Fraction | None = None
    reason: str | None = None
    formula: str | None = None
    stated: bool = False
    inputs: tuple[ScoreInput, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A rule kind (计分方式): its name in the YAML, its title, its settings and the pure function that decides a line.

    ``needs`` says which of the bureau's figures it asks for; ``check`` says what is wrong with a rule of this kind.
    """

    name: str
    title: str
    params: type[Frozen]
    decide: Callable[[Rule, Any, ReportFacts, BureauFigures], Verdict]
    needs: Callable[[Any], tuple[FigureKey, ...]] = lambda params: ()
    check: Callable[[Rule, Any], str | None] = lambda rule, params: None


def full(rule: Rule) -> Fraction:
    """The line's maximum as an exact number (满分). The score card never asks a kind about a line without one."""
    if rule.maximum is None:
        raise ValueError(f"指标“{rule.label}”的分值未知，无法计算。")
    return Fraction(rule.maximum)


def computed(points: Fraction, formula: str, inputs: Iterable[ScoreInput], *, stated: bool = False) -> Verdict:
    """Points with the formula in words (已计算)."""
    return Verdict(LineStatus.COMPUTED, points=points, formula=formula, stated=stated, inputs=tuple(inputs))


def needs_person(reason: str, inputs: Iterable[ScoreInput] = (), formula: str | None = None) -> Verdict:
    """A line the rule cannot decide (需人工判定), with the reason."""
    return Verdict(LineStatus.NEEDS_PERSON, reason=reason, formula=formula, inputs=tuple(inputs))


def bureau_inputs(figures: BureauFigures, keys: Iterable[FigureKey]) -> tuple[ScoreInput, ...]:
    """The bureau's figures as inputs (财政数据), absent ones with no value."""
    return tuple(
        ScoreInput(
            name=key.value,
            label=FIGURES[key].label,
            value=figures.get(key),
            unit=FIGURES[key].unit.value,
            origin="bureau",
        )
        for key in keys
    )


def bureau_text(figures: BureauFigures, name: str) -> ScoreInput:
    """A text among the bureau's figures as an input (财政文字数据)."""
    return ScoreInput(name=name, label=TEXTS[name].label, text=figures.text(name), origin="bureau")


def lacking(figures: BureauFigures, keys: Iterable[FigureKey]) -> Verdict | None:
    """A verdict that names the missing figures (缺少数据), or None when all are there."""
    wanted = tuple(keys)
    missing = [FIGURES[key].label for key in wanted if figures.get(key) is None]
    if not missing:
        return None
    names = "”“".join(missing)
    return needs_person(f"缺少财政局数据“{names}”，请在财政数据表中补填后重新计算。", bureau_inputs(figures, wanted))


def known(figures: BureauFigures, key: FigureKey) -> Decimal:
    """A figure that ``lacking`` has made sure of (已确认存在的数据)."""
    value = figures.get(key)
    if value is None:
        raise KeyError(key)
    return value


def words(value: Decimal | Fraction, places: int = 4) -> str:
    """A number for a formula (算式中的数): exact where it is short, else rounded to ``places`` decimals."""
    if isinstance(value, Decimal):
        return trimmed(value)
    return trimmed(rounded(Decimal(value.numerator) / Decimal(value.denominator), places))
