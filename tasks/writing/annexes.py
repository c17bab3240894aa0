"""The annexes of the notice (通知附件): one list, from which the notice, the outline and the workbook take their numbers."""

from __future__ import annotations

OUTLINE = "部门整体支出绩效自评报告提纲"
RUBRIC = "部门整体支出绩效自评表"
PROJECT = "项目支出绩效自评表"
WORKBOOK = "绩效自评工作簿（电子表格，每部门一份）"
# The first three are one Word file, each on its own page; the tables are printed for reference and filled in the workbook.
ANNEXES: tuple[str, ...] = (OUTLINE, RUBRIC, PROJECT, WORKBOOK)


def mark(annex: str) -> str:
    """The mark in the corner of an annex (附件标识), e.g. ``附件2``."""
    return f"附件{ANNEXES.index(annex) + 1}"
