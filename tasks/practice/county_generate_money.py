"""Money of a generated department (生成部门的预算决算), worked backwards from points, so that rules give round numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

from models.numbers import rounded

_TARGETS = ((Decimal("40"), 3), (Decimal("67.5"), 4), (Decimal("82.5"), 3))
_ITEMS = (("办公费", 9, 20), ("印刷费", 2, 6), ("水费", 1, 3), ("电费", 7, 18), ("物业管理费", 5, 14))
_OVERSPENT = {"10": (102, 107), "5": (113, 117)}


class Choose(Protocol):
    """A deterministic choice (确定性取数): an integer from ``low`` to ``high``, both included."""

    def __call__(self, label: str, low: int, high: int) -> int: ...


def money_and_points(choose: Choose, severity: int, main: str) -> tuple[dict[str, Any], list[str], dict[str, Decimal]]:
    """Base facts of ``Money``, the three months and the points they give (资金数据、月进度、应得分).

    ``severity`` 0..4: the higher, the fewer points the figures give.
    """
    initial = Decimal(choose("initial", 2000, 12000))
    points: dict[str, Decimal] = {}
    permille = choose("gross", 8, 20) + 9 * severity
    points["编制准确"] = 10 - Decimal(permille) / 10
    gross = rounded(initial * permille / 1000)
    down = rounded(gross / choose("down", 4, 9))
    net = gross - down - down
    annual = initial + net
    rate = choose("project rate", 940, 985) - 15 * severity
    budget = rounded(annual * Decimal(choose("share", 22, 38)) / 100, -1)  # tens, so that every rate is exact
    spent = budget * rate / 1000
    points["预算完成"] = Decimal(rate) / 100
    cancelled, written_off, points["动态调整"] = _adjustment(choose, severity)
    control = "5" if severity >= 3 else "10"
    points["支出控制"] = Decimal(control)
    months, points["执行进度"] = _months(choose, severity)
    points["违规记录"] = 10 - Decimal(choose("violations", 0, 1) + severity) / 2
    points["自评公开"] = Decimal(2)
    basic = annual - budget
    personnel = rounded(basic * Decimal(choose("personnel", 80, 86)) / 100)
    expenditure = basic + spent
    vehicles, reception = Decimal(choose("cars", 400, 1800)) / 100, Decimal(choose("guests", 60, 320)) / 100
    last = rounded(annual * Decimal(choose("growth", 940, 990)) / 1000)
    money = {
        "initial": initial,
        "net": net,
        "gross": gross,
        "change_reason": f"年中追加支出{gross - down:.2f}万元，调减支出{down:.2f}万元",
        "cancelled": cancelled,
        "written_off": written_off,
        "carried_in": Decimal(0),
        "fund": Decimal(0),
        "project_budget": budget,
        "project_spent": spent,
        "personnel": personnel,
        "three_public_budget": rounded((vehicles + reception) * Decimal("1.1"), 0) + 1,
        "vehicles": vehicles,
        "reception": reception,
        "revenue_last": last,
        "expenditure_last": rounded(last * Decimal("0.985")),
        "controlled": _controlled(choose, control),
        "functions": _functions(main, expenditure),
    }
    return {key: str(value) if isinstance(value, Decimal) else value for key, value in money.items()}, months, points


def _adjustment(choose: Choose, severity: int) -> tuple[Decimal, Decimal, Decimal]:
    """C, W and their points (取消额、注销额、得分): none at all, or a ratio that gives a round number."""
    if severity == 0:
        return Decimal(0), Decimal(0), Decimal(10)
    unit = Decimal(choose("unit", 1, 4))
    cancelled, written_off = {1: (3, 1), 2: (3, 2), 3: (2, 3), 4: (3, 7)}[severity]
    return unit * cancelled, unit * written_off, Decimal(10 * cancelled) / (cancelled + written_off)


def _months(choose: Choose, severity: int) -> tuple[list[str], Decimal]:
    progress, total = [], Decimal(0)
    for number, (target, weight) in enumerate(_TARGETS):
        rate = Decimal(choose(f"month {number}", 1010, 1080) - 60 * severity) / 1000
        percent = rounded(target * rate, 1)
        progress.append(str(percent))
        total += weight * min(Decimal(1), percent / target)
    return progress, rounded(total)


def _controlled(choose: Choose, points: str) -> list[list[str]]:
    low, high = _OVERSPENT[points]
    rows = []
    for name, least, most in _ITEMS:
        initial = Decimal(choose(name, least * 100, most * 100)) / 100
        rows.append([name, str(initial), str(rounded(initial * choose(f"{name}/final", low, high) / 100))])
    return rows


def _functions(main: str, expenditure: Decimal) -> list[list[str]]:
    others = (("社会保障和就业支出", "0.082"), ("卫生健康支出", "0.034"), ("住房保障支出", "0.047"))
    rest = [[name, str(rounded(expenditure * Decimal(share)))] for name, share in others if name != main]
    return [[main], *rest]
