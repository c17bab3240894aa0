"""Names, wording, cut and repeated text."""

from __future__ import annotations

from decimal import Decimal

from models.checks import examine


def test_another_agency_in_the_text_is_asked_once(report):
    text = "本年各项检察工作稳步推进，法律监督职能得到加强。"
    assert report(text).of("foreign-boilerplate") == []
    police = report(text, department="某县公安局").of("foreign-boilerplate")
    assert [one.severity.value for one in police] == ["question"]
    assert report(text, department="某县人民检察院").of("foreign-boilerplate") == []


def test_working_with_another_agency_is_no_boilerplate(report):
    text = "检察机关提前介入指导案件侦办，与检察院、法院会商。"
    assert report(text, department="某县公安局").of("foreign-boilerplate") == []


def test_template_hints_are_collected_in_one_question(report):
    made = report("主要支出如下。（罗列全部功能分类科目，至类级。）", "（略）", "收入XX万元。").of("template-hint")
    assert len(made) == 1 and len(made[0].places) == 3
    assert report("支出情况（含二级单位）详见附表。").of("template-hint") == []


def test_measures_of_earlier_years_are_asked_only_later(report):
    assert report("统筹抓好疫情防控。").severities("outdated-wording") == ["question"]
    assert report("统筹抓好疫情防控。", fiscal_year="2020").of("outdated-wording") == []


def test_a_cell_that_stops_in_the_middle_is_asked(report):
    rows = [
        ["任务", "按年度计划完成造林，按实际需要采购苗木运输专用"],
        ["任务", "按年度计划完成造林，按实际需要采购苗木。"],
    ]
    made = report("概况。", tables=[rows]).of("text-cut-off")
    assert [one.computed["cells"] for one in made] == ["1"]
    short = [["任务", "造林、抚育和"], ["任务", "完成造林一千亩，抚育两千亩"]]
    assert report("概况。", tables=[short]).of("text-cut-off") == []


def test_the_same_clause_twice_in_one_paragraph_is_asked(report):
    text = "一是先后开展林区防火隐患排查一百余次；二是先后开展林区防火隐患排查一百余次。"
    assert report(text).severities("text-twice") == ["question"]
    assert report("一是开展防火隐患排查一百余次；二是开展病虫害调查二百余次。").of("text-twice") == []


def test_a_repeated_ordinal_is_asked(report):
    assert report("一要巡护。二要宣传。二要执法。").severities("ordinal-twice") == ["question"]
    assert report("一要巡护。二要宣传。三要执法。一是甲。二是乙。").of("ordinal-twice") == []


def test_a_project_under_two_names_or_without_content_is_asked(report, project):
    text = "本部门反映“驻外干部补助”、“森林防火”等2个项目绩效目标完成情况。"
    projects = (project("驻外干部补贴"), project("森林防火"))
    made = report(text, projects=projects)
    assert made.severities("project-two-names") == ["question"]
    assert made.of("project-missing") == []
    lone = report(text, projects=(project("森林防火"),))
    assert lone.severities("project-missing") == ["question"]
    same = report(text, projects=(project("驻外干部补助"), project("森林防火")))
    assert same.of("project-two-names") == [] and same.of("project-missing") == []


def test_a_project_left_out_of_the_list_is_asked(report, project):
    text = "本部门反映“驻外干部补助”、“森林防火”等2个项目绩效目标完成情况。"
    projects = (project("驻外干部补助"), project("森林防火"), project("湿地监测"))
    assert report(text, projects=projects).severities("project-not-listed") == ["question"]


def test_a_name_one_character_off_is_asked_but_phases_are_not(report, line):
    lines = (line("林区物资及时入口率", "≥", 95, 95),)
    assert report("林区物资及时入库率达到95%。", indicators=lines).severities("name-one-character") == ["question"]
    phases = (line("监控系统一期工程建设", "≥", 1, 1),)
    assert report("监控系统二期工程建设完成。", indicators=phases).of("name-one-character") == []


def test_text_of_a_project_is_held_against_its_indicator(report, line, project):
    table = [["评价结论", "问卷显示群众满意度较好，可达90%及以上，资金到位率100%。"], ["群众满意度", "≥95%"]]
    lines = (line("群众满意度", "≥", 95, 95, unit="%", source={"table": 1, "row": 2}, level2="满意度指标"),)
    made = report("概况。", tables=[table], indicators=lines, projects=(project(),)).of("project-text-against-table")
    assert [one.computed["claims"] for one in made] == ["1"]
    agreed = [["评价结论", "问卷显示群众满意度较好，可达95%及以上，资金到位率100%。"], table[1]]
    assert (
        report("概况。", tables=[agreed], indicators=lines, projects=(project(),)).of("project-text-against-table")
        == []
    )


def test_a_check_can_be_switched_off(report):
    made = report("本年支出总额100万元，其中：基本支出60万元，项目支出45万元。")
    assert any(one.code == "sum-of-parts" for one in made.examine())
    assert not any(one.code == "sum-of-parts" for one in made.examine({"sum-of-parts": False}))


def test_examining_twice_gives_the_same_findings_errors_first(report):
    made = report("本年支出总额100万元，其中：基本支出60万元，项目支出45万元。一要巡护。二要宣传。二要执法。")
    first = made.examine()
    assert first == made.examine()
    assert [one.severity.value for one in first] == ["error", "question"]


def test_an_empty_report_gives_no_findings(report):
    assert report().examine() == ()


def test_a_scan_is_only_asked_about(report):
    made = report("本年支出总额100万元，其中：基本支出60万元，项目支出45万元。")
    scanned = made.document.model_copy(update={"file": made.document.file.model_copy(update={"ocr": True})})
    found = examine(made.facts, scanned)
    assert [one.severity.value for one in found] == ["question"]
    assert "原件" in found[0].message


def test_a_doubtful_reading_is_only_asked_about(report, line):
    sure = line("造林面积", "≥", 600, 449, weight=40, score=40)
    assert report("概况。", indicators=(sure,)).severities("target-missed") == ["error"]
    doubtful = sure.model_copy(update={"confidence": Decimal("0.6")})
    assert report("概况。", indicators=(doubtful,)).severities("target-missed") == ["question"]
