"""Numbers as printed and as meant."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.facts import Operator
from tasks.interpreting.quantities import (
    decimal_of,
    in_ten_thousands,
    is_not_applicable,
    named_quantity,
    operator_of,
    plain_signs,
    quantity,
)


@pytest.mark.parametrize(
    ("printed", "operator", "value", "unit"),
    [
        ("≥95%", Operator.AT_LEAST, "95", "%"),
        ("≧ 95％", Operator.AT_LEAST, "95", "%"),
        (">=95%", Operator.AT_LEAST, "95", "%"),
        ("不低于95%", Operator.AT_LEAST, "95", "%"),
        ("95%以上", Operator.AT_LEAST, "95", "%"),
        ("≤ 24 小时", Operator.AT_MOST, "24", "小时"),
        ("不超过1.5万元/人", Operator.AT_MOST, "1.5", "万元/人"),
        ("达到95%以上", Operator.AT_LEAST, "95", "%"),
        ("1年内", Operator.AT_MOST, "1", "年"),
        ("30天以内", Operator.AT_MOST, "30", "天"),
        ("＝2023年", Operator.EQUAL, "2023", "年"),
        ("３２０公里", None, "320", "公里"),
        ("1,250.50万元", None, "1250.50", "万元"),
        ("$\\geq 97\\%.$", Operator.AT_LEAST, "97", "%"),
        ("20万（办公用品、耗材）", None, "20", "万"),
        ("18万（每2月一次，全年6次）", None, "18", "万"),
        ("4.76万人", None, "4.76", "万人"),
        ("100", None, "100", None),
    ],
)
def test_a_number_is_read_with_its_sign_and_unit(
    printed: str, operator: Operator | None, value: str, unit: str | None
) -> None:
    found = quantity(printed)
    assert found is not None
    assert (found.operator, found.value, found.unit) == (operator, Decimal(value), unit)


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "优良中差",
        "明显改善",
        "80%-90%",
        "分别72人、25人",
        "总计3万元",
        "2025年12月31日前",
        "12月底前",
        "6年，分期支付",
    ],
)
def test_text_ranges_and_several_numbers_are_not_a_number(printed: str) -> None:
    assert quantity(printed) is None


def test_an_unknown_unit_is_taken_but_not_for_sure() -> None:
    found = quantity("8缸")
    assert found is not None
    assert found.unit == "缸"
    assert found.sure < 0.85


@pytest.mark.parametrize("printed", ["", " ", "/", "—", "无", "暂无", "优", "得10分以上"])
def test_a_blank_or_a_dash_is_never_zero(printed: str) -> None:
    assert decimal_of(printed) is None


@pytest.mark.parametrize(
    ("printed", "value"), [("10分", "10"), ("（10）", "10"), ("100.00%", "100.00"), ("1,200.5", "1200.5")]
)
def test_a_bare_number_may_carry_points_or_percent(printed: str, value: str) -> None:
    assert decimal_of(printed) == Decimal(value)


@pytest.mark.parametrize(("printed", "yes"), [("/", True), ("无。", True), ("—", True), ("", False), ("0", False)])
def test_not_applicable_is_told_from_blank_and_from_zero(printed: str, yes: bool) -> None:
    assert is_not_applicable(printed) is yes


def test_the_unit_of_money_is_converted_exactly() -> None:
    assert in_ten_thousands("107335.48", "元") == Decimal("10.733548")
    assert in_ten_thousands("1.2", "亿元") == Decimal("12000")
    assert str(in_ten_thousands("500000", "元")) == "50"
    assert str(in_ten_thousands("80.00", "万元")) == "80.00"
    assert in_ten_thousands("5", "人") is None


def test_a_name_is_cut_from_the_number_behind_it() -> None:
    named = named_quantity("运维费用 ≤77.96 万元")
    assert named is not None
    assert named[0] == "运维费用"
    assert (named[2].operator, named[2].value, named[2].unit) == (Operator.AT_MOST, Decimal("77.96"), "万元")


@pytest.mark.parametrize("text", ["提高治理水平", "覆盖全县12个乡镇政府", "第3批"])
def test_a_text_that_only_holds_a_number_has_no_quantity(text: str) -> None:
    assert named_quantity(text) is None


@pytest.mark.parametrize(
    ("printed", "operator", "known"),
    [
        ("≥", Operator.AT_LEAST, True),
        ("＝", Operator.EQUAL, True),
        ("定性", Operator.TEXT, True),
        ("定量", None, True),
        ("特大", None, False),
    ],
)
def test_the_sign_column_is_understood_or_reported(printed: str, operator: Operator | None, known: bool) -> None:
    assert operator_of(printed) == (operator, known)


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(["", "%", "人次", "万元", "个"]))
def test_every_printed_number_comes_back_exactly(value: Decimal, unit: str) -> None:
    found = quantity(f"≥{value:,}{unit}")
    assert found is not None
    assert found.value == value
    assert found.unit == (unit or None)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    quantity(text)
    decimal_of(text)
    named_quantity(text)
    assert "\u3000" not in plain_signs(text)


def test_noise_before_a_sign_does_not_hide_it() -> None:
    named = named_quantity("监控点位. ≥70个")
    assert named is not None
    assert (named[0], named[2].operator, named[2].value) == ("监控点位", Operator.AT_LEAST, Decimal(70))


def test_a_decimal_is_never_cut_in_two() -> None:
    named = named_quantity("运维费用129.828万元")
    assert named is not None
    assert named[2].value == Decimal("129.828")
