"""Differences, growth rates and shares."""

from __future__ import annotations

from models.facts import Severity


def test_a_difference_that_does_not_recompute_is_an_error(report):
    found = report("本年支出总额110万元，与年初预算100万元相比，增加了12万元。").of("difference")
    assert [one.severity for one in found] == [Severity.ERROR]
    assert found[0].computed["difference"] == "10"


def test_a_difference_that_recomputes_is_confirmed(report):
    assert report("本年支出总额110万元，与年初预算100万元相比，增加了10万元。").severities("difference") == [
        "confirmed"
    ]


def test_a_difference_off_by_a_cent_is_information(report):
    assert report("本年支出110.00万元，与上年100.00万元相比，增加了10.01万元。").severities("difference") == [
        "information"
    ]


def test_a_fall_called_a_rise_is_asked(report):
    assert report("本年支出总额90万元，与年初预算100万元相比，增加了10万元。").severities("difference") == ["question"]


def test_a_rate_on_the_current_year_names_both_bases(report):
    found = report("2024年度支出合计110.00万元。与2023年度相比，支出增加10.00万元，增长9.09%。").of("growth-base")
    assert [one.severity for one in found] == [Severity.ERROR]
    assert found[0].computed["on_current"] == "9.09"
    assert found[0].computed["on_previous"] == "10.00"


def test_a_rate_on_the_previous_year_is_confirmed(report):
    made = report("2024年度支出合计110.00万元。与2023年度相比，支出增加10.00万元，增长10.00%。")
    assert made.of("growth-base") == []
    assert made.severities("growth-rate") == ["confirmed"]


def test_a_rate_cut_off_instead_of_rounded_is_information(report):
    made = report("机关运行经费支出1364.84万元，比2023年减少13.21万元，下降0.95%。")
    assert made.severities("growth-rate") == ["information"]


def test_a_rate_with_a_stated_basis_must_fit_that_basis(report):
    made = report("本年收入150万元，与上年100万元相比，增加50万元，增长33.33%。")
    assert made.severities("growth-rate") == ["error"]


def test_a_change_without_any_known_amount_is_left_alone(report):
    made = report("全年接待费用比上年减少3万元，下降20%。")
    assert made.of("growth-rate") == [] and made.of("growth-base") == []


def test_the_same_fall_stated_twice_is_an_error(report):
    made = report(
        "住房保障支出120万元相比预算136万元减少了16万元。",
        "住房保障支出减少了5万元，主要原因是人员变动。",
    )
    assert made.severities("change-stated-twice") == ["error"]


def test_changes_of_different_names_or_bases_do_not_clash(report):
    made = report("住房保障支出减少了5万元。", "教育支出减少了6万元。")
    assert made.of("change-stated-twice") == []
    made = report("支出合计与年初预算100万元相比增加了5万元。", "支出合计与2023年99万元相比增加了6万元。")
    assert made.of("change-stated-twice") == []


def test_a_share_is_recomputed_on_the_total_before_it(report):
    made = report("本年支出合计100万元，其中：基本支出80万元，占80.00%；项目支出20万元，占25.00%。")
    assert sorted(made.severities("share")) == ["confirmed", "question"]


def test_a_share_of_a_total_stated_elsewhere_is_confirmed_and_never_accused(report):
    made = report("“三公”经费支出决算为100万元。", "公务接待费支出5万元，占5%。")
    assert made.severities("share") == ["confirmed"]
    assert report("公务接待费支出5万元，占7%。").of("share") == []
