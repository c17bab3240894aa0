"""Further departments of the practice county (批量生成的演练部门), made backwards from the points they shall earn.

Every choice is a hash of seed, code and a label: the same on every machine, and no department depends on another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from models.numbers import rounded
from tasks.practice.county_generate_money import Choose, money_and_points
from tasks.practice.county_generate_story import claims_for, remediation_for, story_for

FIRST_CODE = 113
_STOCK = Path(__file__).parent / "county_generated.yml"


def generated(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """``count`` departments as plain data of the same shape as the handwritten files (生成部门数据)."""
    if count <= 0:
        return
    stock = yaml.load(_STOCK.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - plain strings only
    for index in range(count):
        yield _department(index, chooser(seed, FIRST_CODE + index), stock)


def chooser(seed: int, code: int) -> Choose:
    """A source of choices for one department (确定性取数): ``choose(label, low, high)``, both ends included."""

    def choose(label: str, low: int, high: int) -> int:
        digest = hashlib.sha256(f"{seed}/{code}/{label}".encode()).digest()
        return low + int.from_bytes(digest[:8], "big") % (high - low + 1)

    return choose


def _pick(choose: Choose, label: str, stock: Sequence[Any]) -> Any:
    return stock[choose(label, 0, len(stock) - 1)]


def _department(index: int, choose: Choose, stock: dict[str, Any]) -> dict[str, Any]:
    code = str(FIRST_CODE + index)
    identity = _identity(index, choose, stock)
    severity = index % 5  # 0 honest .. 4 the worst over-claimers: every band occurs among any few departments
    money, months, points = money_and_points(choose, severity, identity.pop("main"))
    projects = _projects(choose, severity, stock, code, Decimal(money["project_spent"]))
    points["目标实现"] = _targets_met(projects)
    points["目标制定"] = Decimal(choose("目标制定", 7, 9))
    remedied = choose("remedied", 1, 3) if severity else 3
    points["结果整改"] = {3: Decimal(4), 2: Decimal(3), 1: Decimal(2)}[remedied]
    in_time = severity < 3 or choose("reply", 0, 1) == 1
    points["应用反馈"] = Decimal(4) if in_time else Decimal(0)
    claims, deduction, claim = claims_for(points, severity, choose)
    posts = choose("posts", 30, 180)
    person = {"name": _person(choose, stock, "contact"), "role": _pick(choose, "role", stock["roles"])}
    measures = _pick(choose, "texts", stock["measures"])
    return identity | {
        "code": code,
        "keep": 100 + index,
        "layout": ("sichuan", "national")[choose("layout", 0, 1)],
        "contact": person | {"address": f"d{code}@qinghe.example"},
        "leader": {"name": _person(choose, stock, "leader"), "role": "主要负责人"},
        "staff": {"posts": posts, "serving": posts - choose("vacant", 1, 6), "retired": choose("retired", 5, 60)},
        "tasks": [[project["name"], project["goal"].split("，", 2)[0] + "。"] for project in projects],
        "goal": "".join(project["goal"] for project in projects),
        "money": money,
        "months": months,
        "violations": int((10 - points["违规记录"]) * 2),
        "published": {"day": f"08-{choose('day', 10, 28)}", "address": f"http://www.qinghe.example/d{code}/jx.html"},
        "last_year": {
            "problems": 3,
            "remedied": remedied,
            "reported_on": "11-20" if in_time else "12-18",
            "due": "11-30",
        },
        "targets": _overall_targets(choose),
        "projects": projects,
        "problems": _pick(choose, "texts", stock["problems"]),
        "measures": measures,
        "claims": claims,
        "review": _review(points, remedied, _pick(choose, "judgement", stock["judgement"])),
        "story": story_for(index, choose, claim, deduction),
        "remediation": remediation_for(choose, person["name"], measures),
    }


def _identity(index: int, choose: Choose, stock: dict[str, Any]) -> dict[str, Any]:
    """Agencies and places in turn (单位名称): three places after each agency, then places alone."""
    agencies = stock["agencies"]
    if index % 4 == 0 and index // 4 < len(agencies):
        agency = agencies[index // 4]
        nature = "本部门为一级预算单位，无下属二级预算单位。"
        return {
            "name": f"清禾县{agency['name']}",
            "short_names": [f"县{agency['name']}", agency["name"]],
            "stratum": agency["stratum"],
            "nature": nature,
            "duties": [f"{text}。" for text in agency["duties"]],
            "main": agency["main"],
        }
    firsts, seconds = stock["place_first"], stock["place_second"]
    number = index - min(len(agencies), index // 4 + 1)
    place = firsts[number % len(firsts)] + seconds[(number // len(firsts) + number) % len(seconds)]
    if number >= len(firsts) * len(seconds):  # names run out: 新 keeps them different
        place = f"新{place}"
    kind = stock["place_kinds"][number % len(stock["place_kinds"])]
    return {
        "name": f"清禾县{place}{kind}",
        "short_names": [f"{place}{kind}", f"{place}{kind[0] if kind[0] != '街' else '街道'}"],
        "stratum": "乡镇街道",
        "nature": "本部门为一级预算单位，下属二级预算单位1个，为公益一类事业单位。",
        "duties": [f"{text}。" for text in _pick(choose, "duties", stock["town_duties"])],
        "main": "一般公共服务支出",
    }


def _person(choose: Choose, stock: dict[str, Any], label: str) -> str:
    return str(_pick(choose, f"{label}/surname", stock["surnames"]) + _pick(choose, f"{label}/given", stock["given"]))


def _projects(choose: Choose, severity: int, stock: dict[str, Any], code: str, spent: Decimal) -> list[dict[str, Any]]:
    count = choose("projects", 1, 3)
    first = choose("first project", 0, len(stock["projects"]) - 1)
    chosen = [stock["projects"][(first + step) % len(stock["projects"])] for step in range(count)]
    missed = min(severity, 2)
    return [
        _project(
            choose, template, f"51999925T000000{code}{number:03d}", missed if number == 1 else 0, spent / (count + 2)
        )
        for number, template in enumerate(chosen, start=1)
    ]


def _project(choose: Choose, template: dict[str, Any], code: str, missed: int, amount: Decimal) -> dict[str, Any]:
    name = template["name"]
    (label1, base1, unit1), (label2, base2, unit2) = template["quantity"], template["second"]
    scale = choose(f"{name}/scale", 1, 4)
    target1, target2 = int(base1) * scale, int(base2) * scale
    actual1 = target1 * 9 // 10 if missed >= 1 else target1 + target1 * choose(f"{name}/over", 2, 20) // 100
    actual2 = target2 * 8 // 10 if missed >= 2 else target2 + target2 * choose(f"{name}/over2", 0, 20) // 100
    score1, score2 = ("9" if missed >= 1 else "10"), ("8" if missed >= 2 else "10")
    why = "部分任务因雨季和手续原因延至下年完成"
    budget = rounded(amount, 0)
    executed = rounded(budget * choose(f"{name}/rate", 900, 990) / 1000)
    quality, benefit = choose(f"{name}/quality", 951, 999), choose(f"{name}/benefit", 861, 940)
    happy = choose(f"{name}/happy", 881, 975)
    unfinished = "，个别任务尚未完成" if missed else "，各项任务全部完成"
    return {
        "name": name,
        "code": code,
        "initial": str(budget),
        "adjusted": str(budget),
        "executed": str(executed),
        "goal": f"{template['goal']}，{label1}不少于{target1}{unit1}，{label2}不少于{target2}{unit2}。",
        "outcome": f"{template['goal']}，全年完成{actual1}{unit1}、{actual2}{unit2}{unfinished}。",
        "process": f"项目由业务股室组织实施，按季度核对{label1}，资金按进度支付，年末组织验收。",
        "indicators": [
            [
                "产出指标",
                "数量指标",
                label1,
                "≥",
                str(target1),
                unit1,
                str(actual1),
                "10",
                score1,
                *([why] * (missed >= 1)),
            ],
            [
                "产出指标",
                "数量指标",
                label2,
                "≥",
                str(target2),
                unit2,
                str(actual2),
                "10",
                score2,
                *([why] * (missed >= 2)),
            ],
            ["产出指标", "质量指标", template["quality"], "≥", "95", "%", f"{quality / 10:.1f}", "15", "15"],
            [
                "产出指标",
                "时效指标",
                "任务按期完成率",
                "≥",
                "80",
                "%",
                f"{choose(f'{name}/time', 801, 960) / 10:.1f}",
                "15",
                "15",
            ],
            ["效益指标", "社会效益指标", template["benefit"], "≥", "86", "%", f"{benefit / 10:.1f}", "30", "30"],
            ["满意度指标", "服务对象满意度指标", template["happy"], "≥", "88", "%", f"{happy / 10:.1f}", "10", "10"],
        ],
        "conclusion": f"{name}项目{'部分数量目标未达到，质量符合要求' if missed else '达到年初设定的绩效目标'}。",
        "problems": f"{label1}的统计口径需要进一步统一。",
        "measures": f"制定{label1}统计说明，由专人按月核对。",
    }


def _targets_met(projects: list[dict[str, Any]]) -> Decimal:
    lines = [row for project in projects for row in project["indicators"] if row[1] == "数量指标"]
    met = [row for row in lines if Decimal(row[4]) <= Decimal(row[6]) <= Decimal(row[4]) * Decimal("1.3")]
    return rounded(Decimal(10 * len(met)) / len(lines))


def _overall_targets(choose: Choose) -> list[list[str]]:
    return [
        ["产出指标", "质量指标", "重点工作任务完成率", "≥", "90", "%", f"{choose('t1', 901, 985) / 10:.1f}"],
        ["产出指标", "时效指标", "人员经费按月发放率", "=", "100", "%", "100"],
        ["满意度指标", "服务对象满意度指标", "服务对象满意度", "≥", "85", "%", f"{choose('t2', 861, 955) / 10:.1f}"],
    ]


def _review(points: dict[str, Decimal], remedied: int, judgement: str) -> dict[str, list[str]]:
    review = {line: [str(score)] for line, score in points.items()}
    review["目标制定"] += [judgement, "目标要素完整得5分，细化量化不足的酌情扣分"]
    if remedied < 3:
        words = f"上年提出问题3个，已整改{remedied}个，其余未提供整改材料"
        review["结果整改"] += [words, "问题全部整改并应用的得4分，否则酌情扣分"]
    return review
