"""Parts and totals."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.checks.findings import judged
from models.facts import Severity


def test_parts_that_exceed_their_total_are_an_error_naming_both_values(report):
    found = report("本年支出总额100万元，其中：基本支出60万元，项目支出45万元。").of("sum-of-parts")
    assert [one.severity for one in found] == [Severity.ERROR]
    assert found[0].computed == {"sum": "105", "total": "100", "difference": "5"}
    assert "合计为105万元，与总数相差5万元" in found[0].message and "100万元" in found[0].message
    assert found[0].places[0].source.paragraph == 1


def test_parts_that_add_up_are_confirmed(report):
    assert report("本年支出总额105万元，其中：基本支出60万元，项目支出45万元。").severities("sum-of-parts") == [
        "confirmed"
    ]


def test_a_cent_of_rounding_is_information(report):
    found = report("本年支出合计100.01万元，其中：基本支出60.00万元，项目支出40.00万元。").severities("sum-of-parts")
    assert found == ["information"]


def test_a_list_that_names_only_some_parts_does_not_alarm(report):
    assert report("本年支出合计100万元，其中：项目支出40万元。").of("sum-of-parts") == []
    assert report("本年支出合计100万元，其中：培训费3万元，会议费2万元。").of("sum-of-parts") == []


def test_people_listed_after_a_complete_breakdown_do_not_alarm(report):
    found = report("现有在编人员59人，其中公务员40人，工人19人，护林员120人。").severities("sum-of-parts")
    assert found == ["confirmed"]


def test_amounts_in_brackets_belong_to_the_part_before_them(report):
    text = "年初预算为100万元，其中：基本支出60万元（包括人员经费50万元，公用经费10万元），项目支出40万元。"
    assert report(text).severities("sum-of-parts") == ["confirmed", "confirmed"]


def test_a_carry_over_listed_beside_parts_that_already_reach_the_total_is_asked(report):
    text = "支出总额为100万元，其中：基本支出60万元，项目支出40万元，结转下年5万元。"
    assert report(text).severities("sum-of-parts") == ["question"]


def test_amounts_of_another_year_are_not_added(report):
    text = "2024年支出100万元，其中农林水支出60万元；教育支出40万元；相比2023年支出90万元，增加10万元；其中农林水支出50万元，增加10万元。"
    assert report(text).severities("sum-of-parts") == ["confirmed"]


def test_purchase_and_running_of_vehicles_must_reach_their_common_total(report):
    found = report(
        "2024年度公务用车购置及运行维护费支出30万元。",
        "其中：公务用车购置支出20万元。全年购置1辆。",
        "公务用车运行维护费支出30万元。",
    ).of("account-identity")
    assert [one.severity for one in found] == [Severity.ERROR]
    assert found[0].computed["sum"] == "50"


def test_vehicle_costs_that_agree_are_confirmed(report):
    found = report("公务用车购置及运行维护费支出30万元。", "公务用车购置支出20万元。", "公务用车运行维护费支出10万元。")
    assert found.severities("account-identity") == ["confirmed"]


def test_income_and_expenditure_added_together_are_an_error(report):
    text = ("2024年度收、支总计均为200万元。", "本年收入合计100万元。", "本年支出合计100万元。")
    assert report(*text).severities("both-sides-added") == ["error"]
    assert report("2024年度收、支总计均为100万元。", *text[1:]).of("both-sides-added") == []


def test_function_items_are_compared_with_their_class(report):
    total = "一般公共预算支出30.02万元，主要用于以下方面：农林水支出30.02万元，占100%。"
    items = [
        f"{number}.农林水支出（类）林业（款）第{number}项（项）:支出决算为10.00万元，完成预算100%。"
        for number in (1, 2, 3)
    ]
    assert report(total, *items).severities("function-items") == ["information"]
    wrong = [*items[:2], "3.农林水支出（类）林业（款）其他（项）:支出决算为12.00万元，完成预算100%。"]
    assert report(total, *wrong).severities("function-items") == ["error"]


@given(st.integers(1, 30), st.integers(-400, 400))
def test_only_more_than_one_unit_for_each_figure_is_called_an_error(parts, cents):
    difference = Decimal(cents) / 100
    grade = judged(difference, parts)
    assert (grade is Severity.CONFIRMED) == (cents == 0)
    assert (grade is Severity.ERROR) == (abs(cents) > parts)


@given(st.lists(st.integers(1, 10**7), min_size=2, max_size=6))
def test_exact_sums_never_alarm(report, cents):
    parts = "，".join(
        f"第{name}项支出{Decimal(value) / 100}万元" for name, value in zip("甲乙丙丁戊己", cents, strict=False)
    )
    total = sum(map(Decimal, cents)) / 100
    assert report(f"本年支出总额{total}万元，其中：{parts}。").severities("sum-of-parts") == ["confirmed"]
