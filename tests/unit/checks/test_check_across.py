"""Several submissions side by side."""

from __future__ import annotations

import pytest

from models.checks import Submission, compare_submissions

STORY = (
    "全年组织护林员开展林区日常巡查，重点排查输电线路、坟墓周边和旅游步道等火险隐"
    "患部位，建立台账逐项销号，全年未发生较大森林火灾事故，群众防火意识明显提高。"
)
OTHER = (
    "全年完成湿地鸟类监测二十四次，更新监测样线八条，编制监测年报一份，向社会公布"
    "保护成果，引导志愿者参与湖区清洁与科普宣传，形成共建共享的保护格局并长期坚持。"
)


@pytest.fixture
def submit(report):
    def make(key, name, *paragraphs, **facts):
        made = report(*paragraphs, department=name, **facts)
        return Submission(id=key, name=name, facts=made.facts, document=made.document)

    return make


def _codes(items):
    return [(one.ids, one.finding.code, one.finding.severity.value) for one in compare_submissions(items)]


def test_a_copied_passage_is_found_whatever_its_numbers(submit):
    items = [submit("a", "甲局", STORY + "共120次。"), submit("b", "乙局", STORY + "共95次。")]
    assert _codes(items) == [(("a", "b"), "copied-passage", "question")]


def test_the_same_words_at_the_same_place_are_two_places(submit):
    [found] = compare_submissions([submit("a", "甲局", STORY), submit("b", "乙局", STORY)])
    assert [place.quote for place in found.finding.places] == [found.finding.places[0].quote] * 2


def test_own_words_and_the_bureaus_own_form_are_no_copies(submit):
    assert _codes([submit("a", "甲局", STORY), submit("b", "乙局", OTHER)]) == []
    everyone = [submit(key, f"{key}局", STORY) for key in "abcd"]
    assert _codes(everyone) == []


def test_every_project_at_a_hundred_is_noted(submit, project):
    full = tuple(project(f"项目{number}", self_score=100) for number in range(3))
    assert _codes([submit("a", "甲局", "概况。", projects=full)]) == [(("a",), "all-projects-full", "question")]
    mixed = (*full, project("项目四", self_score=99))
    assert _codes([submit("a", "甲局", "概况。", projects=mixed)]) == []


def test_identical_figures_of_two_departments_are_noted(submit, money):
    amounts = tuple(
        money(key, value)
        for key, value in (("basic", "61.37"), ("project", "38.21"), ("public", "12.09"), ("personnel", "49.28"))
    )
    assert _codes([submit("a", "甲局", "概况。", money=amounts), submit("b", "乙局", "说明。", money=amounts)]) == [
        (("a", "b"), "identical-figures", "question")
    ]
    assert (
        _codes([submit("a", "甲局", "概况。", money=amounts), submit("b", "乙局", "说明。", money=amounts[:3])]) == []
    )


def test_last_years_figure_is_held_against_last_years_report(submit, money):
    old = submit("old", "甲局", "概况。", fiscal_year="2023", money=(money("expenditure_total", "100.00", "2023"),))
    same = submit("new", "甲局", "概况。", money=(money("expenditure_total", "100.00", "2023"),))
    other = submit("new", "甲局", "概况。", money=(money("expenditure_total", "104.50", "2023"),))
    assert _codes([old, same]) == [(("new", "old"), "last-year-figure", "confirmed")]
    assert _codes([other, old]) == [(("new", "old"), "last-year-figure", "error")]


def test_years_apart_are_not_compared(submit, money):
    old = submit("old", "甲局", "概况。", fiscal_year="2021", money=(money("expenditure_total", "100.00", "2021"),))
    new = submit("new", "甲局", "概况。", money=(money("expenditure_total", "104.50", "2021"),))
    assert _codes([old, new]) == []


def test_the_glossary_and_reports_of_other_years_are_no_copies(submit):
    glossary = (
        "机关运行经费：指为保障行政单位运行用于购买货物和服务的各项资金，"
        "包括办公费、印刷费、邮电费、差旅费、会议费、福利费、日常维修费和其他费用等。"
    )
    assert _codes([submit("a", "甲局", glossary), submit("b", "乙局", glossary)]) == []
    assert _codes([submit("a", "甲局", STORY), submit("b", "乙局", STORY, fiscal_year="2023")]) == []
