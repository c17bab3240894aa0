"""The bureau's figures (财政数据)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from models.figures import FIGURES, BureauFigures, FigureKey, check_figure

D = Decimal


def test_every_key_is_explained() -> None:
    assert set(FIGURES) == set(FigureKey)
    assert len({spec.label for spec in FIGURES.values()}) == len(FIGURES)
    assert all(spec.help for spec in FIGURES.values())


def test_absent_is_absent() -> None:
    figures = BureauFigures(department="1", fiscal_year=2024)
    assert figures.get(FigureKey.VIOLATIONS) is None
    assert figures.text("publicised_at") is None


def test_only_the_net_adjustment_may_be_negative() -> None:
    negative = {key for key in FigureKey if check_figure(key, D(-1)) is None}
    assert negative == {FigureKey.BUDGET_ADJUSTED_NET}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (FigureKey.VIOLATIONS, D("1.5"), "整数"),
        (FigureKey.PUBLICISED, D(2), "超出允许范围（0至1"),
        (FigureKey.EXECUTION_JUNE, D("NaN"), "不是数字"),
        (FigureKey.BUDGET_INITIAL, D(-1), "年初部门预算数"),
    ],
)
def test_an_impossible_figure_is_named(key: FigureKey, value: Decimal, words: str) -> None:
    problem = check_figure(key, value)
    assert problem is not None and words in problem


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        BureauFigures(
            department="1",
            fiscal_year=2024,
            values={FigureKey.VIOLATIONS: D(-1), FigureKey.PUBLICISED: D(3)},
            texts={"rumour": "x"},
        )
    message = str(caught.value)
    assert "违纪违规问题数" in message and "随同决算公开" in message and "rumour" in message


def test_figures_survive_json() -> None:
    figures = BureauFigures(department="1", fiscal_year=2024, values={FigureKey.BUDGET_INITIAL: D("9089.96")})
    assert BureauFigures.model_validate_json(figures.model_dump_json()) == figures
    assert '"9089.96"' in figures.model_dump_json()
