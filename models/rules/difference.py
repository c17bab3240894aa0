"""What two rule sets do differently (评价规则对照), as rows of a table a person can read."""

from __future__ import annotations

from typing import Any

from models.document import Frozen
from models.rules.schema import Rule, RuleSet, canonical
from models.rules.wording import setting, spoken

ABSENT = "（无）"

# How the parts of a rule set are called, in the order of the table.
PARTS: dict[str, str] = {
    "total": "满分",
    "rounding": "得分取整",
    "grade_bands": "等级档次",
    "deviation": "偏离度",
    "spot_check": "抽查办法",
    "second_review": "双人复核办法",
    "acceptance": "退回条件",
    "calendar": "工作日程",
    "remediation": "整改口径",
    "project": "项目自评口径",
    "form_labels": "表格用语",
    "checks": "检查项",
}
RULE_PARTS: dict[str, str] = {
    "label": "名称",
    "maximum": "分值",
    "kind": "计分方式",
    "params": "参数",
    "criterion": "计分标准",
    "claimed_by_department": "由部门自评",
}


class Difference(Frozen):
    """One row (一处差异): where, and what each side says."""

    place: str
    left: str
    right: str


def difference(left: RuleSet, right: RuleSet) -> tuple[Difference, ...]:
    """All rows in which two sets differ (逐项对照): their lines in order, then the common parts. Citations are left out."""
    rows: list[Difference] = []
    ids = [rule.id for rule in left.rules]
    ids += [rule.id for rule in right.rules if rule.id not in ids]
    sides = {rule.id: rule for rule in left.rules}, {rule.id: rule for rule in right.rules}
    for rule_id in ids:
        rows += _of_rule(sides[0].get(rule_id), sides[1].get(rule_id))
    for name, words in PARTS.items():
        rows += _of_values(words, canonical(getattr(left, name)), canonical(getattr(right, name)))
    return tuple(rows)


def _of_rule(left: Rule | None, right: Rule | None) -> list[Difference]:
    if left is None or right is None:
        one = left or right
        place = f"指标“{one.label}”" if one else ""
        return [Difference(place=place, left=_has(left), right=_has(right))]
    rows = []
    if (left.level1, left.level2) != (right.level1, right.level2):
        rows.append(
            Difference(place=f"{left.label}·类别", left=_heading(left), right=_heading(right)),
        )
    for name, words in RULE_PARTS.items():
        place = f"{left.label}·{words}" if name != "params" else left.label
        rows += _of_values(place, canonical(getattr(left, name)), canonical(getattr(right, name)), name)
    return rows


def _heading(rule: Rule) -> str:
    return f"{rule.level1}／{rule.level2}"


def _has(rule: Rule | None) -> str:
    if rule is None:
        return ABSENT
    points = "分值未知" if rule.maximum is None else f"{canonical(rule.maximum)}分"
    return f"有（{points}）"


def _of_values(place: str, left: Any, right: Any, name: str = "") -> list[Difference]:
    if left == right:
        return []
    if isinstance(left, dict) and isinstance(right, dict):
        names = [*left, *(key for key in right if key not in left)]
        rows = []
        for key in names:
            rows += _of_values(f"{place}·{setting(key)}", left.get(key), right.get(key), key)
        return rows
    return [Difference(place=place, left=spoken(left, name), right=spoken(right, name))]
