"""Execution rates, changed budgets, unit prices, project costs."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

BUDGET_HEADER = ["年度预算数", "年初预算", "调整后预算数", "预算执行数", "预算执行率", "权重", "得分", "原因"]


def test_an_execution_rate_is_recomputed(report, project):
    right = report("概况。", projects=(project(budget=237, executed="133.85", execution_rate="56.48"),))
    assert right.severities("execution-rate") == ["confirmed"]
    wrong = report("概况。", projects=(project(budget=237, executed="133.85", execution_rate="65.48"),))
    assert wrong.severities("execution-rate") == ["error"]


def test_an_adjusted_budget_is_the_base_of_the_rate(report, project):
    made = report("概况。", projects=(project(budget=100, adjusted=60, executed=60, execution_rate=100),))
    assert made.severities("execution-rate") == ["confirmed"]


def test_a_total_above_what_the_execution_rate_allows_is_asked(report, project):
    over = report("概况。", projects=(project(budget=100, executed=56, self_score=97),))
    assert over.severities("score-over-possible") == ["question"]
    fits = report("概况。", projects=(project(budget=100, executed=50, self_score=95),))
    assert fits.severities("score-over-possible") == ["confirmed"]
    assert (
        report("概况。", projects=(project(budget=100, executed=100, self_score=100),)).of("score-over-possible") == []
    )


def test_an_execution_score_follows_rate_and_weight(report, project):
    facts = {"budget": 100, "executed": 80, "execution_weight": 10}
    assert report("概况。", projects=(project(**facts, execution_score=8),)).severities("execution-score") == [
        "confirmed"
    ]
    assert report("概况。", projects=(project(**facts, execution_score=10),)).severities("execution-score") == [
        "question"
    ]
    assert report("概况。", projects=(project(**facts, execution_score=11),)).severities("execution-score") == ["error"]


def test_a_claimed_hundred_percent_is_held_against_the_projects(report, project):
    lower = (project("防火", execution_rate="83.05"), project("巡护", execution_rate=100))
    assert report("全年执行进度100%。", projects=lower).severities("overall-rate") == ["question"]
    full = (project("防火", execution_rate=100), project("巡护", execution_rate=100))
    assert report("全年执行进度100%。", projects=full).of("overall-rate") == []


def test_a_stated_rate_that_fits_some_amounts_is_confirmed(report, money):
    facts = {
        "money": (
            money("revenue_total", 100),
            money("expenditure_total", 95),
            money("basic", 60),
            money("revenue_basic", 61),
        )
    }
    assert report("预算执行率达95%。", **facts).severities("overall-rate") == ["confirmed"]
    assert report("预算执行率达99%。", **facts).severities("overall-rate") == ["question"]


def test_a_budget_changed_without_a_reason_is_asked(report, project):
    header, told = BUDGET_HEADER, ["总额", "100.00", "60.00", "60.00", "100.00%", "10", "10", ""]
    made = report(
        "概况。", tables=[[header, told]], projects=(_in_table(project, budget=100, adjusted=60, executed=60),)
    )
    assert made.severities("budget-changed") == ["question"]
    explained = [*told[:-1], "上级调减任务"]
    made = report(
        "概况。", tables=[[header, explained]], projects=(_in_table(project, budget=100, adjusted=60, executed=60),)
    )
    assert made.of("budget-changed") == []
    small = report("概况。", projects=(project(budget=100, adjusted=95, executed=95),))
    assert small.of("budget-changed") == []


def _in_table(project, **amounts):
    made = project(**amounts)
    return made.model_copy(update={"source": made.source.model_copy(update={"table": 1, "row": 2})})


def test_a_header_that_holds_the_adjustment_is_an_error(report):
    header = ["年度预算数", "年初预算", "调整后预算数", "全年预算数", "执行率"]
    lying = [header, ["总额", "9000.00", "60.00", "9060.00", "100%"]]
    assert report("概况。", tables=[lying]).severities("header-mismatch") == ["error"]
    honest = [header, ["总额", "9000.00", "9060.00", "9060.00", "100%"]]
    assert report("概况。", tables=[honest]).of("header-mismatch") == []


def test_unit_price_times_quantity_in_one_sentence(report):
    wrong = report("每个点位500元/月，80个点位共计510000元。").of("unit-price")
    assert [one.severity.value for one in wrong] == ["error"]
    assert wrong[0].computed["computed"] == "480000"
    right = report("每个点位500元/月，85个点位共计510000元。")
    assert right.severities("unit-price") == ["confirmed"]


def test_a_quantity_from_another_indicator_only_asks(report, line):
    lines = (
        line("护林员补助", None, None, target_text="每人每月375元（337500元）", level2="成本指标"),
        line("护林员补助人数", None, 45, unit="人", target_text="45人", row=2),
    )
    made = report("概况。", indicators=lines).of("unit-price")
    assert [one.severity.value for one in made] == ["question"]
    assert made[0].computed["implied_quantity"] == "75"


def test_a_unit_price_without_total_or_quantity_is_silent(report):
    assert report("护林员补助标准为每人每月375元。").of("unit-price") == []
    assert report("宣传册单价5元。").of("unit-price") == []


def test_a_monthly_price_is_held_against_the_year(report, line, project):
    lines = (line("每月租赁费", "≤", 21, 21, unit="万元", level2="成本指标"),)
    assert report("概况。", indicators=lines, projects=(project(executed=150),)).severities("monthly-price") == [
        "question"
    ]
    assert report("概况。", indicators=lines, projects=(project(executed=252),)).severities("monthly-price") == [
        "confirmed"
    ]


def test_cost_completion_and_money_targets_are_held_against_the_project(report, line, project):
    facts = {"projects": (project(budget=237, executed=200),)}
    lines = tuple(
        line(name, None, None, target_text=f"{value}万元", row=value)
        for name, value in (("宣传费", 50), ("差旅费", 20), ("设备费", 30))
    )
    made = report("概况。", indicators=lines, **facts)
    assert made.severities("indicator-amounts") == ["question"]
    assert made.severities("quantity-in-money") == ["question"]
    cost = (line("合同金额", None, None, target_text="200万元", actual_text="140万元", level2="成本指标"),)
    assert report("概况。", indicators=cost, **facts).severities("cost-completion") == ["question"]


def test_weights_and_scores_of_a_project_table_add_up(report, line, project):
    lines = (line("甲", "≥", 1, 1, weight=60, score=50), line("乙", "≥", 1, 1, weight=30, score=30, row=2))
    facts = {"execution_weight": 10, "execution_score": 10}
    right = report("概况。", indicators=lines, projects=(project(**facts, self_score=90),))
    assert right.severities("project-weights") == ["confirmed"]
    assert right.severities("project-total") == ["confirmed"]
    wrong = report("概况。", indicators=lines, projects=(project(**facts, self_score=95),))
    assert wrong.severities("project-total") == ["error"]
    short = report(
        "概况。", indicators=lines, projects=(project(execution_weight=5, execution_score=5, self_score=85),)
    )
    assert short.severities("project-weights") == ["question"]


@given(st.integers(1, 5000), st.integers(1, 900))
def test_a_right_product_is_always_confirmed(report, price, quantity):
    text = f"每套{price}元，{quantity}套共计{Decimal(price * quantity)}元。"
    assert report(text).severities("unit-price") == ["confirmed"]
