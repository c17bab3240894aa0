"""Problems and measures: by heading, by row, in the department's own words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from interpreting_tables import document

from tasks.interpreting import interpret
from tasks.interpreting.passages import split_enumerated, split_problems_and_measures, without_requests

TITLE = "青禾县民政局2024年度部门整体支出绩效自评报告"


def read(text: str):
    facts = interpret(document(f"{TITLE}\n{text}"))
    return [one.text for one in facts.problems], [one.text for one in facts.measures]


@pytest.mark.parametrize(
    "heading",
    [
        "存在问题",
        "存在的问题",
        "存在的主要问题",
        "问题分析",
        "发现的主要问题",
        "存在的问题及原因分析",
        "存在的困难和问题",
        "主要问题及原因分析",
    ],
)
def test_a_section_on_problems_is_found_by_any_of_its_headings(heading: str) -> None:
    assert read(f"五、{heading}\n预算编制不够精细。\n六、其他情况\n无。")[0] == ["预算编制不够精细。"]


@pytest.mark.parametrize(
    "heading",
    [
        "改进措施",
        "改进建议",
        "下一步工作打算",
        "下一步改进措施",
        "建议和改进措施",
        "有关建议",
        "整改措施",
        "下一步工作计划",
        "意见建议",
    ],
)
def test_a_section_on_measures_is_found_by_any_of_its_headings(heading: str) -> None:
    assert read(f"六、{heading}\n细化预算编制。")[1] == ["细化预算编制。"]


def test_an_inline_heading_carries_its_text() -> None:
    problems, measures = read(
        "四、评价结论及建议\n（一）评价结论。良好。\n（二）存在问题。制度不全。\n（三）改进建议。健全制度。"
    )
    assert (problems, measures) == (["制度不全。"], ["健全制度。"])


def test_numbered_items_and_lost_numbers_stay_in_their_section() -> None:
    problems, measures = read(
        "七、问题和建议\n（一）存在问题\n1、人手不足。\n2、评价结果运用不充分。\n（二）改进建议\n1、充实队伍。培训骨干。\n2、加强结果运用。"
    )
    assert problems == ["1、人手不足。 2、评价结果运用不充分。"]
    assert measures == ["1、充实队伍。培训骨干。 2、加强结果运用。"]


def test_a_section_on_both_is_cut_where_it_turns_to_what_will_be_done() -> None:
    assert read("五、存在的问题及改进措施\n预算执行不均衡。下一步我局将加快支出进度。") == (
        ["预算执行不均衡。"],
        ["下一步我局将加快支出进度。"],
    )


@pytest.mark.parametrize(
    "heading", ["存在问题、原因及改进措施", "主要问题和建议", "存在不足及下一步打算", "存在的问题和整改情况"]
)
def test_a_section_on_both_goes_by_many_names(heading: str) -> None:
    assert read(f"五、{heading}\n进度偏慢。下一步加快支出。") == (["进度偏慢。"], ["下一步加快支出。"])


def test_a_vague_section_on_both_does_not_hide_the_real_ones() -> None:
    facts = interpret(
        document(
            f"{TITLE}\n五、发现的主要问题和改进措施\n取得一定成效，下一步继续努力。\n"
            "七、问题和建议\n（一）存在问题\n人手不足。\n（二）改进建议\n充实队伍。"
        )
    )
    assert [one.text for one in facts.problems] == ["人手不足。"]
    assert [one.text for one in facts.measures] == ["充实队伍。"]
    assert any(one.field == "problems" for one in facts.questions)


def test_the_signature_is_no_part_of_the_last_measure() -> None:
    assert read("六、改进措施\n细化预算编制。\n青禾县民政局\n2025年3月12日")[1] == ["细化预算编制。"]


def test_a_request_to_the_finance_bureau_is_no_measure_of_its_own() -> None:
    assert without_requests("加强统筹。同时，建议财政部门：多组织培训。") == "加强统筹。"
    assert without_requests("建议财政部门加强培训。") == "建议财政部门加强培训。"


def test_none_is_no_problem() -> None:
    assert read("五、存在问题\n无。\n六、改进措施\n暂无") == ([], [])


def test_what_is_said_in_prose_and_again_in_a_table_is_one_passage() -> None:
    assert read(
        "三、存在问题\n一是预算不细。二是进度不快。\n四、评价结论及建议\n（二）存在问题。一是预算不细。二是进度不快。"
    )[0] == ["一是预算不细。二是进度不快。"]


def test_a_passage_can_be_split_into_its_points() -> None:
    assert split_enumerated("还存在问题，一是预算不细。二是进度不快。")[-2:] == ["一是预算不细。", "二是进度不快。"]
    assert split_enumerated("1、人手不足。\n2、经费2.5万元不够。") == ["1、人手不足。", "2、经费2.5万元不够。"]
    assert split_enumerated("预算不细。") == ["预算不细。"]
    assert split_enumerated("") == []


def test_a_text_without_a_turn_is_all_problem() -> None:
    assert split_problems_and_measures("预算不细。") == ("预算不细。", "")


def test_a_problem_said_in_passing_belongs_to_the_project_of_its_sentence() -> None:
    facts = interpret(
        document(
            "第二部分 2024年度部门决算情况说明\n"
            "（2）“远程会见”项目绩效目标完成情况综述。通过实施，方便了群众。发现的主要问题：设备老化。下一步改进措施：分批更换。"
        )
    )
    assert [(one.project, one.text, one.report) for one in facts.problems] == [("远程会见", "设备老化。", "r1")]
    assert [(one.project, one.text) for one in facts.measures] == [("远程会见", "分批更换。")]
    assert all(one.confidence is not None and one.confidence < Decimal("0.85") for one in facts.problems)


def test_a_passage_points_at_the_paragraph_where_its_text_begins() -> None:
    facts = interpret(document(f"{TITLE}\n五、存在问题\n人手不足。\n六、改进措施。充实队伍。"))
    assert (facts.problems[0].source.paragraph, facts.problems[0].source.quote) == (3, "人手不足。")
    assert (facts.measures[0].source.paragraph, facts.measures[0].text) == (4, "充实队伍。")
