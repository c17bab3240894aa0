"""Where things stand in a review workbook (复核工作簿的版式): sheet names, columns and their labels."""

from __future__ import annotations

from models.states import ReviewSeat

# How the mark of a workbook names the part that its reviewer has.
KINDS = {ReviewSeat.FIRST: "review", ReviewSeat.SECOND: "secondreview", ReviewSeat.SETTLING: "settlement"}
SEAT_OF = {kind: seat for seat, kind in KINDS.items()}
# The project column of an indicator that belongs to the department itself.
WHOLE = "部门整体"
LINES, INDICATORS, FINDINGS = "复核评分", "项目指标", "疑点"
SETTLEMENT = "定案"
HEAD_ROW, FIRST_ROW = 4, 5


class Lines:
    """Columns of the first sheet (复核评分)."""

    (
        LEVEL1,
        LEVEL2,
        LABEL,
        MAXIMUM,
        SELF,
        COMPUTED,
        SCORE,
        REASON,
        CRITERION,
        REMARK,
        CHECK,
        WORKING,
        RULE,
        RULE_TEXT,
    ) = range(1, 15)
    LABELS = {
        "一级指标": "",
        "二级指标": "",
        "指标": "",
        "分值": "",
        "自评得分": "部门在自评表中填写的得分；空白表示部门未填。",
        "计算得分": "程序按评价规则计算的得分；空白表示须由人工判定，原因见“计算过程”。",
        "复核得分": "必填，0至分值之间的数字。",
        "扣分理由": "复核得分低于分值时必填：写明查到的事实。",
        "扣分依据": "复核得分低于分值时必填：写明所依据的评价标准或者文件条款。",
        "备注": "",
        "检查": "显示“√”表示该行填写完整。",
        "计算过程": "公式和所用数据及其出处。",
        "规则编号": "",
        "评价标准": "",
    }


class Inds:
    """Columns of the second sheet (项目指标), in the order review groups use."""

    (PROJECT, LEVEL1, LEVEL2, LEVEL3, OPERATOR, TARGET, UNIT, WEIGHT, ACTUAL, SELF, REVIEWED_ACTUAL, REVIEWED, DEVIATION,
     REMARK, PLACE) = range(1, 16)  # fmt: skip
    LABELS = {
        "项目": "",
        "一级指标": "",
        "二级指标": "",
        "三级指标": "",
        "指标性质": "",
        "指标值": "",
        "度量单位": "",
        "权重": "",
        "自评完成值": "",
        "自评得分": "",
        "复核完成值": "按佐证材料核实的完成值。",
        "复核得分": "0至权重之间的数字；低于自评得分的须在备注中说明原因。",
        "偏离度": "自评得分与复核得分之差占复核得分的比例，自动计算。",
        "备注": "",
        "出处": "该指标在自评材料中的位置。",
    }


class Finds:
    """Columns of the third sheet (疑点)."""

    NUMBER, SEVERITY, MESSAGE, QUOTES, COMPUTED, VERDICT = range(1, 7)
    LABELS = {
        "序号": "",
        "级别": "矛盾：两处不能同时成立；存疑：需要判断；提示：如尾数差异；核对无误：程序复算一致。",
        "说明": "",
        "原文与位置": "",
        "复算结果": "",
        "核实结果": "",
    }


class Settled:
    """Columns of the sheet of who settles (定案)."""

    (LEVEL1, LABEL, MAXIMUM, SELF, COMPUTED, FIRST, FIRST_WORDS, SECOND, SECOND_WORDS, GAP, SCORE, REASON, CRITERION, CHECK,
     RULE, RULE_TEXT) = range(1, 17)  # fmt: skip
    LABELS = {
        "一级指标": "",
        "指标": "",
        "分值": "",
        "自评得分": "部门在自评表中填写的得分；空白表示部门未填。",
        "计算得分": "程序按评价规则计算的得分；空白表示须由人工判定。",
        "第一复核人得分": "",
        "第一复核人理由和依据": "",
        "第二复核人得分": "",
        "第二复核人理由和依据": "",
        "分差": "",
        "定案得分": "必填，0至分值之间的数字。",
        "定案理由": "必填：写明采信哪一方、为什么，或者另行认定的事实。",
        "定案依据": "定案得分低于分值时必填。",
        "检查": "显示“√”表示该行填写完整。",
        "规则编号": "",
        "评价标准": "",
    }
