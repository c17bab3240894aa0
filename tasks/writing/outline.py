"""The outline of the report (自评报告提纲): what to write, and the tables to fill in."""

from __future__ import annotations

from models.document import Frozen
from models.numbers import trimmed
from tasks.writing import annexes
from tasks.writing.annexes import mark
from tasks.writing.official import (
    add_grid,
    annex_mark,
    body_markup,
    finished,
    official_document,
    title_lines,
)
from tasks.writing.rubric import RubricRow
from tasks.writing.templates import filled
from tasks.writing.word_tables import Box, Grid, merged_down

NOT_FILLED = "不填"
_HEADER_SHADE = "EDEDED"
_FUNDS = ("总额", "其中：财政资金", "财政专户管理资金", "单位资金", "其他资金")
_PROJECT_HEAD = (
    "一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "完成值", "权重", "得分", "佐证材料", "未完成原因分析",
)  # fmt: skip
_INDICATORS = (
    ("产出指标", "数量指标"),
    ("产出指标", "质量指标"),
    ("产出指标", "时效指标"),
    ("产出指标", "成本指标"),
    ("效益指标", "经济效益指标"),
    ("效益指标", "社会效益指标"),
    ("效益指标", "生态效益指标"),
    ("满意度指标", "服务对象满意度指标"),
)


class OutlineView(Frozen):
    """What the outline needs (提纲内容). ``department`` is printed where a department gets its own copy."""

    bureau: str
    fiscal_year: int
    rubric: tuple[RubricRow, ...]
    department: str = ""
    max_claim: str = "90"


def write_outline(view: OutlineView) -> bytes:
    """The outline with the rubric table and the project form (自评报告提纲, .docx)."""
    title = f"{view.fiscal_year}年部门整体支出绩效自评报告"
    document = official_document(title, view.bureau)
    annex_mark(document, mark(annexes.OUTLINE), new_page=False)
    title_lines(document, [view.department, title] if view.department else [title], blank_above=1)
    title_lines(document, ["（提纲）"], blank_above=0)
    body_markup(document, filled("documents/outline.txt.j2", view=view, not_filled=NOT_FILLED))
    annex_mark(document, mark(annexes.RUBRIC))
    title_lines(document, [f"{view.fiscal_year}年部门整体支出绩效自评表"], blank_above=0, space_after=6)
    add_grid(document, _rubric_grid(view))
    annex_mark(document, mark(annexes.PROJECT))
    title_lines(document, [f"项目支出绩效自评表（{view.fiscal_year}年度）"], blank_above=0, space_after=6)
    add_grid(document, _project_grid(view))
    return finished(document)


def _head(text: str, span: int = 1) -> Box:
    return Box(text, span=span, bold=True, shade=_HEADER_SHADE)


def _rubric_grid(view: OutlineView) -> Grid:
    level1 = merged_down([row.level1 for row in view.rubric])
    level2 = merged_down([f"{row.level1}\0{row.level2}" for row in view.rubric])
    level2 = [Box(box.text.partition("\0")[2], merge=box.merge) for box in level2]
    rows = [[_head(text) for text in ("一级指标", "二级指标", "三级指标", "指标分值", "计分标准", "自评得分", "备注")]]
    for number, row in enumerate(view.rubric):
        rows.append(
            [
                level1[number],
                level2[number],
                Box(row.label),
                Box(trimmed(row.maximum) if row.maximum is not None else ""),
                Box(row.criterion, align="left"),
                Box("" if row.claimed else NOT_FILLED),
                Box(),
            ]
        )
    rows.append([_head("合计", 3), Box(), Box(f"自评满分{view.max_claim}分", align="left"), Box(), Box()])
    for label in ("评价结论", "存在问题", "改进措施"):
        rows.append([_head(label), Box(span=6, align="left")])
    heights = {len(rows) - offset: 7.0 for offset in (1, 2, 3)}
    return Grid((17, 17, 16, 11, 69, 14, 14), rows, size=9, heights=heights)


def _project_grid(view: OutlineView) -> Grid:
    """The form of the province's project table, with the labels readers look for."""
    rows: list[list[Box]] = [
        [_head("项目名称", 2), Box(span=9)],
        [_head("主管部门", 2), Box(view.department, span=4), _head("实施单位（盖章）", 2), Box(span=3)],
        [_head("项目年度目标", 2), Box(span=4, align="left"), _head("年度目标完成情况", 2), Box(span=3, align="left")],
        [
            _head("预算执行情况（10分）", 2),
            *(_head(text) for text in ("年初预算",)),
            _head("调整后预算数", 2),
            _head("预算执行数", 2),
            *(_head(text) for text in ("预算执行率", "权重", "得分", "原因")),
        ],
    ]
    for number, fund in enumerate(_FUNDS):
        last = [Box("10"), Box(), Box()] if number == 0 else [Box("/"), Box("/"), Box()]
        rows.append([Box(f"{fund}（万元）", span=2), Box(), Box(span=2), Box(span=2), Box(), *last])
    rows.append([_head(text) for text in _PROJECT_HEAD])
    first = merged_down([level1 for level1, _ in _INDICATORS])
    for number, (_, level2) in enumerate(_INDICATORS):
        rows.append([first[number], Box(level2), *(Box() for _ in range(9))])
    rows.append([_head("合计", 7), Box("100"), Box(), Box(span=2)])
    for label in ("评价结论", "存在问题", "改进措施"):
        rows.append([_head(label, 2), Box(span=9, align="left")])
    heights = {2: 13.0} | {len(rows) - offset: 11.0 for offset in (1, 2, 3)}
    return Grid(
        (15, 18, 26, 12, 14, 12, 14, 12, 11, 11, 15), rows, header_rows=0, size=9, row_height=6.2, heights=heights
    )
