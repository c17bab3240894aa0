"""One quantity in two places."""

from __future__ import annotations

from decimal import Decimal


def test_goods_bought_for_two_amounts_are_an_error_with_both_places(report):
    made = report("政府采购货物支出68.73万元。", "我局2024年政府采购货物62.43万元。").of("amount-stated-twice")
    assert [one.severity.value for one in made] == ["error"]
    assert [one.source.paragraph for one in made[0].places] == [1, 2]
    assert made[0].computed["difference"] == "6.3"


def test_the_same_amount_twice_is_silent_and_a_cent_is_information(report):
    assert report("公务接待费支出5.00万元。", "公务接待费5万元。").of("amount-stated-twice") == []
    assert report("本年支出合计500.00万元。", "本年支出合计500.01万元。").severities("amount-stated-twice") == [
        "information"
    ]


def test_budget_and_final_account_are_different_quantities(report):
    assert report("公务接待费预算数为8万元。", "公务接待费支出决算为5万元。").of("amount-stated-twice") == []


def test_two_years_are_different_quantities(report):
    assert report("2023年政府采购货物支出60万元。", "2024年政府采购货物支出62万元。").of("amount-stated-twice") == []


def test_a_quantity_of_an_indicator_and_of_the_text_is_asked(report, line):
    made = report(
        "为护林站配备11张北斗卫星定位卡，按月付费。",
        indicators=(line("北斗卫星定位卡", None, 8, unit="张", target_text="8张"),),
    )
    assert made.severities("count-stated-twice") == ["question"]


def test_numbers_listed_side_by_side_are_not_repetitions(report, line):
    made = report(
        "购置6台无人巡护机、3台备用无人巡护机。",
        indicators=(line("无人巡护机", None, 9, unit="台", target_text="9台"),),
    )
    assert made.of("count-stated-twice") == []


def test_things_with_different_qualifiers_are_different_things(report, line):
    lines = (line("一级古树保护株数", None, 30, unit="处"), line("二级古树保护株数", None, 40, unit="处", row=2))
    assert report("概况。", indicators=lines).of("count-stated-twice") == []


def test_indicators_of_two_projects_are_not_compared(report, line):
    lines = (line("监控点位", "≥", 70, unit="处"), line("监控点位", "≥", 96, unit="处", project="另一项目", row=2))
    assert report("概况。", indicators=lines).of("count-stated-twice") == []


def test_the_same_indicator_twice_is_one_question(report, line):
    lines = (line("巡护次数", None, 12, target_text="12次"), line("巡护次数", None, 12, target_text="12次", row=2))
    assert report("概况。", indicators=lines).severities("indicator-twice") == ["question"]


def test_an_announced_number_is_counted_in_its_list(report):
    text = "下设4个管护站，分别为东岭站（含检查点）、西岭站、南岭站。"
    assert report(text).severities("list-count") == ["question"]
    assert report(text.replace("4个", "3个")).severities("list-count") == ["confirmed"]


def test_opposite_reasons_for_the_same_thing_are_asked(report):
    made = report("支出增加5万元，主要原因是项目增多。", "经费减少2万元，主要原因是项目经费减少。")
    assert made.severities("reasons-opposite") == ["question"]
    assert report("支出增加，主要原因是项目增多。", "接待费减少，主要原因是批次减少。").of("reasons-opposite") == []


def test_income_less_expenditure_is_held_against_the_balance(report, money):
    facts = {"money": (money("revenue_total", 100), money("expenditure_total", 90))}
    assert report("年末结转和结余1万元。", **facts).severities("carry-over") == ["question"]
    assert report("年末结转和结余10万元。", **facts).severities("carry-over") == ["confirmed"]
    assert report("上年结转5万元。年末结转和结余15万元。", **facts).severities("carry-over") == ["confirmed"]


def test_a_balance_beside_a_full_rate_is_asked_and_a_true_rate_confirmed(report):
    header = ["项目名称", "项目金额", "及时处置", "调整执行率", "完成情况", "资金结余", "自评结果"]
    table = [
        header,
        ["防火", "35.89万元", "及时", "100%", "完成", "30.59万元", "100分"],
        ["巡护", "83.2万元", "及时", "83.2%", "完成", "16.8万元", "95分"],
        ["苗木", "18.44万元", "及时", "83.05%", "完成", "3.76万元", "92分"],
        ["检疫", "10万元", "及时", "100%", "完成", "无", "100分"],
    ]
    found = report("概况。", tables=[table]).of("rate-with-balance")
    assert sorted(one.severity.value for one in found) == ["confirmed", "information", "question"]
    assert Decimal(next(one for one in found if one.severity.value == "question").computed["rate"]) == Decimal("53.99")
