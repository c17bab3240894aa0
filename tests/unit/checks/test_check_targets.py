"""Targets, completions and operators."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.checks.indicators import met
from models.document import Source
from models.facts import IndicatorLine, Operator


def test_full_marks_for_a_missed_target_are_an_error(report, line):
    made = report("概况。", indicators=(line("造林面积", "≥", 600, 449, weight=40, score=40),))
    assert made.severities("target-missed") == ["error"]


def test_a_reduced_score_that_fits_no_formula_is_asked_and_a_proportional_one_confirmed(report, line):
    odd = report("概况。", indicators=(line("造林面积", "≥", 600, 449, weight=40, score=25),))
    assert odd.severities("target-missed") == ["question"]
    assert odd.of("target-missed")[0].computed["proportional_score"] == "29.93"
    right = report("概况。", indicators=(line("造林面积", "≥", 600, 449, weight=40, score="29.93"),))
    assert right.severities("target-missed") == ["confirmed"]


def test_a_met_target_is_silent_whatever_its_sign(report, line):
    lines = (line("造林面积", "≥", 600, 600), line("成本", "≤", 78, 30, row=2), line("期限", "=", 1, 1, row=3))
    assert report("概况。", indicators=lines).of("target-missed") == []


def test_a_project_with_a_hundred_points_and_a_missed_target_is_an_error(report, line, project):
    facts = {"indicators": (line("监控点位", "≥", 96, 70),), "projects": (project(self_score=100),)}
    made = report("概况。", **facts)
    assert made.severities("target-missed") == ["error"]
    assert "100分" in made.of("target-missed")[0].message


def test_exactly_thirty_percent_more_is_no_overshoot(report, line):
    assert report("概况。", indicators=(line("培训人数", "≥", 100, 130),)).of("overshoot") == []
    assert report("概况。", indicators=(line("培训人数", "≥", 100, 131),)).severities("overshoot") == ["question"]


def test_an_explained_overshoot_and_a_percentage_are_left_alone(report, line):
    lines = (line("培训人数", "≥", 100, 300, reason="上级追加任务"), line("合格率", "≥", 50, 90, unit="%", row=2))
    assert report("概况。", indicators=lines).of("overshoot") == []


def test_a_rank_that_should_grow_is_an_error_only_with_full_marks_below_it(report, line):
    full = report("概况。", indicators=(line("全省排名", "≥", 150, 114, weight=15, score=15),))
    assert full.severities("direction") == ["error"]
    assert full.of("target-missed") == []
    assert report("概况。", indicators=(line("全省排名", "≥", 15),)).severities("direction") == ["question"]
    assert report("概况。", indicators=(line("全省排名", "≤", 15, 9),)).of("direction") == []


def test_cost_with_a_lower_limit_and_satisfaction_with_an_upper_limit_are_asked(report, line):
    lines = (
        line("采购成本", "≥", 5, level2="成本指标"),
        line("群众满意度", "≤", 90, row=2),
        line("成本节约率", "≥", 5, row=3),
    )
    assert report("概况。", indicators=lines).severities("direction") == ["question", "question"]


def test_completions_written_as_ranges_are_one_question_a_project(report, line):
    lines = (
        line("响应时间", "≤", 24, actual_text="≤24小时"),
        line("满意率", "≥", 97, actual_text="97%以上", row=2),
        line("造林面积", "≥", 5, 6, actual_text="6亩", row=3),
    )
    made = report("概况。", indicators=lines).of("completion-as-range")
    assert [one.severity.value for one in made] == ["question"]
    assert made[0].computed == {"lines": "2"}


def test_a_blank_completion_with_full_marks_is_an_error(report, line):
    lines = (line("造林面积", "≥", 5, 6, weight=10, score=10), line("抚育面积", "≥", 5, weight=10, score=10, row=2))
    made = report("概况。", indicators=lines)
    assert made.severities("blank-full-marks") == ["error"]


def test_a_table_of_targets_only_is_one_question(report, line):
    lines = tuple(line(f"指标{number}", "≥", number, row=number) for number in range(1, 6))
    made = report("概况。", indicators=lines).of("completion-missing")
    assert [one.computed["lines"] for one in made] == ["5"]


def test_words_instead_of_a_completion_are_asked(report, line, project):
    lines = (line("设备购置", None, 30, target_text="30万元", actual_text="未达到"),)
    made = report("概况。", indicators=lines, projects=(project(self_score=97),)).of("completion-in-words")
    assert [one.severity.value for one in made] == ["question"]
    assert "97分" in made[0].message


def test_many_completions_equal_to_their_targets_are_asked_once(report, line):
    copied = tuple(line(f"指标{number}", "≥", number, number, row=number) for number in range(1, 10))
    assert report("概况。", indicators=copied).severities("target-copied") == ["question"]
    honest = tuple(line(f"指标{number}", "≥", number, number + number % 2, row=number) for number in range(1, 10))
    assert report("概况。", indicators=honest).of("target-copied") == []


def test_missing_satisfaction_is_asked_only_where_effects_are_listed(report, line):
    lines = tuple(line(f"指标{number}", "≥", 1, 1, row=number, level1="效益指标") for number in range(1, 5))
    assert report("概况。", indicators=lines).severities("satisfaction-missing") == ["question"]
    more = (*lines, line("群众满意度", "≥", 90, 95, row=6))
    assert report("概况。", indicators=more).of("satisfaction-missing") == []


@given(st.integers(1, 1000), st.integers(0, 2000))
def test_at_least_and_at_most_disagree_except_when_equal(target, actual):
    def judge(operator):
        return met(IndicatorLine(source=Source(), operator=operator, target=Decimal(target), actual=Decimal(actual)))

    assert judge(Operator.AT_LEAST) is (actual >= target)
    assert judge(Operator.AT_MOST) is (actual <= target)
    assert judge(Operator.TEXT) is None
