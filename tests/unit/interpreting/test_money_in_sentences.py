"""Amounts in sentences: which total, which part, which year, and which are only differences."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interpreting_tables import document

from models.facts import ReportFacts
from tasks.interpreting import interpret


def funds(text: str) -> ReportFacts:
    return interpret(document(f"青禾县民政局2024年度部门整体支出绩效自评报告\n一、部门资金收支情况\n{text}"))


def amounts(facts: ReportFacts) -> dict[tuple[str, str | None], Decimal]:
    return {(one.key, one.year): one.value for one in facts.money}


def test_income_with_its_parts() -> None:
    found = amounts(
        funds(
            "2024年度本年收入合计2,345.60万元，其中：一般公共预算财政拨款收入2300.60万元，占98.08%；"
            "政府性基金预算财政拨款收入45万元，占1.92%。上年结转收入12.5万元。"
        )
    )
    assert found == {
        ("revenue_total", "2024"): Decimal("2345.60"),
        ("revenue_general", "2024"): Decimal("2300.60"),
        ("revenue_fund", "2024"): Decimal(45),
        ("revenue_carried_in", "2024"): Decimal("12.5"),
    }


def test_spending_with_parts_in_brackets_and_last_year_in_the_comparison() -> None:
    found = amounts(
        funds(
            "全年支出合计5790.36万元，其中：基本支出1290.36万元（人员经费1100万元，公用经费190.36万元），项目支出4500万元。"
            "本年度支出总额5790.36万元，与上年度5500.36万元相比，增加290万元，增长5.27%。"
        )
    )
    assert found[("expenditure_total", "2024")] == Decimal("5790.36")
    assert (found[("basic", "2024")], found[("personnel", "2024")]) == (Decimal("1290.36"), Decimal(1100))
    assert (found[("public", "2024")], found[("project", "2024")]) == (Decimal("190.36"), Decimal(4500))
    assert found[("expenditure_total", "2023")] == Decimal("5500.36")
    assert Decimal(290) not in found.values()


def test_the_same_words_mean_the_budget_behind_a_budget() -> None:
    found = amounts(
        funds("2024年年初预算总额为5,600.00万元，其中基本支出1200万元，项目支出4400万元。调整预算数为5,812.36万元。")
    )
    assert found[("budget_initial", "2024")] == Decimal("5600.00")
    assert (found[("budget_basic", "2024")], found[("budget_project", "2024")]) == (Decimal(1200), Decimal(4400))
    assert found[("budget_adjusted", "2024")] == Decimal("5812.36")
    assert ("basic", "2024") not in found


def test_income_and_spending_added_together_is_neither() -> None:
    found = amounts(funds("2024年度收、支总计均为18305.14万元。2024年度本年收入合计9152.57万元。"))
    assert found[("total_in_and_out", "2024")] == Decimal("18305.14")
    assert found[("revenue_total", "2024")] == Decimal("9152.57")


def test_one_amount_said_of_both_totals_is_both() -> None:
    found = amounts(funds("2024年度收入总计、支出总计均为500万元。"))
    assert found == {("revenue_total", "2024"): Decimal(500), ("expenditure_total", "2024"): Decimal(500)}


def test_yuan_stand_beside_ten_thousands() -> None:
    found = amounts(funds("年末结转和结余107335.48元。"))
    assert found == {("carry_over", "2024"): Decimal("10.733548")}


def test_none_left_over_is_a_stated_zero_and_silence_is_not() -> None:
    assert amounts(funds("2024年决算报表无结转结余。")) == {("carry_over", "2024"): Decimal(0)}
    assert amounts(funds("资金管理规范。")) == {}


@pytest.mark.parametrize(
    "text",
    [
        "收入增加482.61万元，增长5.27%。",
        "比2023年度减少17.93万元。",
        "国内接待支出6.79万元。",
        "公安（款）行政运行（项）: 支出决算为6280.66万元，完成预算100%。",
        "为群众挽回损失3513.76万元。",
    ],
)
def test_differences_items_and_other_peoples_money_are_no_totals(text: str) -> None:
    assert amounts(funds(text)) == {}


def test_expenditure_by_function_with_the_budget_beside_it_and_without_last_year() -> None:
    facts = funds(
        "2024年支出900万元，其中公共安全支出800万元相比预算700万元增加了100万元；卫生健康（类）支出100万元；"
        "相比2023年支出850万元，增加50万元；其中公共安全支出760万元，减少5万元。"
    )
    assert [(one.name, one.budget, one.actual) for one in facts.expenditure_by_function] == [
        ("公共安全支出", Decimal(700), Decimal(800)),
        ("卫生健康支出", None, Decimal(100)),
    ]


def test_two_totals_of_one_year_are_both_kept_and_asked() -> None:
    facts = funds("本年收入合计100万元。本年收入总额120万元。")
    assert sorted(one.value for one in facts.money) == [Decimal(100), Decimal(120)]
    assert any(one.field == "money.revenue_total" for one in facts.questions)


def test_the_quote_is_the_printed_text() -> None:
    facts = funds("本年收入合计 1,234.50 万元。")
    assert facts.money[0].source.quote == "本年收入合计 1,234.50 万元"
    assert facts.money[0].source.paragraph == 3


def test_what_is_stated_twice_is_one_fact() -> None:
    facts = funds("本年收入合计100万元。\n本年收入合计100万元。")
    assert len(facts.money) == 1


@given(st.decimals(min_value=0, max_value=10**7, places=2))
def test_every_amount_comes_back_exactly(value: Decimal) -> None:
    assert amounts(funds(f"2024年度本年支出合计{value:,}万元。")) == {("expenditure_total", "2024"): value}
