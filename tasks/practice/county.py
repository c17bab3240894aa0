"""The practice county 清禾县 (演练县): invented departments with different, believable data and the files they send.

Twelve departments are written by hand (``departments/*.yml``); more are generated from a seed. Nothing here is real.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from models.facts import Operator
from tasks.practice.county_generate import generated
from tasks.practice.county_model import Bureau, County, PracticeDepartment
from tasks.practice.county_review import reviewed_lines
from tasks.practice.county_second import second_review_from

HERE = Path(__file__).parent
MOST = 300
_SIGNS = {sign.value: sign for sign in Operator} | {"定性": Operator.TEXT}
_INDICATOR_FIELDS = ("level1", "level2", "name", "operator", "target", "unit", "actual", "weight", "score", "reason")


def load(departments: int = 12, seed: int = 2025) -> County:
    """The practice county (演练县) with 1 to 300 departments, ordered by code.

    Up to 12 are the handwritten ones, those with the most telling stories first; beyond that further departments are made
    from ``seed``. The same arguments give the same county on every machine. Raises ValueError outside 1..300.
    """
    if not 1 <= departments <= MOST:
        raise ValueError(f"演练县的部门数应为1至{MOST}，现为{departments}")
    head = read_yaml(HERE / "county.yml")
    written = [department_from(read_yaml(HERE / "departments" / f"{code}.yml")) for code in head["departments"]]
    chosen = sorted(written, key=lambda department: department.keep)[:departments]
    extra = [department_from(plain) for plain in generated(departments - len(written), seed)]
    return County(
        name=head["name"],
        bureau=Bureau.model_validate(head["bureau"]),
        strata=tuple(head["strata"]),
        departments=tuple(sorted(chosen + extra, key=lambda department: department.code)),
    )


@cache
def read_yaml(path: Path) -> Any:
    """One data file, every scalar as its text (数据文件), so that ``9.20`` stays exact until it is a Decimal."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - plain strings only


def department_from(plain: Mapping[str, Any]) -> PracticeDepartment:
    """A department out of its plain data (由数据生成部门). Raises pydantic's ValidationError naming the field."""
    data = dict(plain)
    staff, months = data.pop("staff"), data.pop("months")
    money = dict(data["money"])
    money["controlled"] = [dict(zip(("name", "initial", "final"), row, strict=True)) for row in money["controlled"]]
    money["functions"] = [dict(zip(("name", "amount"), row, strict=False)) for row in money["functions"]]
    data |= {
        "money": money,
        "posts": staff["posts"],
        "serving": staff["serving"],
        "retired": staff["retired"],
        "june": months[0],
        "september": months[1],
        "november": months[2],
        "published": data.get("published"),
        "targets": [_indicator(row) for row in data["targets"]],
        "projects": [project | {"indicators": list(_indicators(project))} for project in data["projects"]],
        "story": _story(data["story"]),
        "remediation": [step | {"number": n} for n, step in enumerate(data["remediation"], start=1)],
        "review": [],
    }
    department = PracticeDepartment.model_validate(data)
    return department.model_copy(update={"review": reviewed_lines(department, plain["review"])})


def _indicators(project: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (_indicator(row) for row in project["indicators"])


def _indicator(row: list[str]) -> dict[str, Any]:
    fields = dict(zip(_INDICATOR_FIELDS, row, strict=False))
    return fields | {"operator": _SIGNS[fields["operator"]]}


def _story(plain: Mapping[str, Any]) -> dict[str, Any]:
    story = dict(plain)
    if "objection" in story:
        rows = story["objection"].get("corrections", [])
        named = [dict(zip(("line", "score", "reason"), row, strict=True)) for row in rows]
        story["objection"] = story["objection"] | {"corrections": named}
    if "second_review" in story:
        story["second_review"] = second_review_from(story["second_review"])
    attempts = []
    for number, attempt in enumerate(plain["attempts"], start=1):
        changes = [
            dict(zip(("project", "indicator", "actual", "score"), row, strict=True))
            for row in attempt.get("actuals", [])
        ]
        attempts.append(attempt | {"number": number, "actuals": changes})
    lowered = [dict(zip(("project", "indicator", "approved"), row, strict=True)) for row in plain.get("lowered", [])]
    return story | {"attempts": attempts, "lowered": lowered}
