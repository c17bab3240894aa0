"""The tables that scoring shows (评分表格): departments and their projects, claimed and computed side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any


def department(row: Mapping[str, Any]) -> dict[str, Any]:
    """One department (一个部门), claimed and computed."""
    return {
        "代码": row["code"],
        "部门": row["name"],
        "自评": row["claimed"],
        "计算": row["computed"],
        "差异": _gap(row),
        "待人工判定": row["open"],
        "项目": len(row["projects"]),
    }


def projects(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every project, claimed and computed (项目自评与计算)."""
    for row in rows:
        for project in row["projects"]:
            yield {
                "代码": row["code"],
                "部门": row["name"],
                "项目": project["name"],
                "自评": project["claimed"],
                "计算": project["computed"],
                "差异": _gap(project),
                "待判定": project["open"],
                "说明": project["told"],
            }


def _gap(row: Mapping[str, Any]) -> Decimal | None:
    if row["claimed"] is None or row["computed"] is None:
        return None
    return Decimal(row["claimed"]) - Decimal(row["computed"])
