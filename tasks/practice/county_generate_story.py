"""Claims and behaviour of a generated department (生成部门的自评得分与情节)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from models.numbers import rounded
from tasks.practice.county_generate_money import Choose

_MAXIMA = {
    "结果整改": 4,
    "目标实现": 10,
    "编制准确": 10,
    "动态调整": 10,
    "执行进度": 10,
    "支出控制": 10,
    "目标制定": 10,
    "违规记录": 10,
    "预算完成": 10,
    "应用反馈": 4,
    "自评公开": 2,
}
_WANTED = {0: "0.01", 1: "0.07", 2: "0.14", 3: "0.28", 4: "0.30"}  # over-claim as a share of the review score
_BANDS = ((Decimal("0.05"), 0), (Decimal("0.10"), 4), (Decimal("0.20"), 8))
_WORDS = {0: "如实自评", 4: "自评略有出入", 8: "自评明显偏高", 10: "自评严重偏高"}
_LETTERS = (
    "现将绩效自评材料报送贵局，请审收。",
    "自评报告及附表已完成，随信报送。",
    "按通知要求报送自评材料，请查收。",
)


def claims_for(points: dict[str, Decimal], severity: int, choose: Choose) -> tuple[dict[str, str], int, str]:
    """What the department claims, the deduction that earns, and its leaning (自评得分、应扣分、倾向)."""
    review = sum(points.values(), Decimal(0))
    extra = rounded(review * Decimal(_WANTED[severity]))
    claims = dict(points)
    for line, most in _MAXIMA.items():
        step = min(extra, most - claims[line])
        claims[line] += step
        extra -= step
    share = (sum(claims.values(), Decimal(0)) - review) / review
    deduction = next((points_off for limit, points_off in _BANDS if share <= limit), 10)
    claim = "over" if deduction else "honest"
    return {line: str(value) for line, value in claims.items()}, deduction, claim


def story_for(index: int, choose: Choose, claim: str, deduction: int) -> dict[str, Any]:
    """How it behaves (情节): most send in time; a few late, never, with last year's report, or a broken file first."""
    kind = {7: "late", 13: "silent", 17: "wrong_year", 23: "truncated"}.get(index % 29, "on_time")
    channel = ("mailbox", "drop_folder")[choose("channel", 0, 4) == 0]
    files = ("docx", "docx", "docx", "docx", "docx_xlsx", "pdf", "zip")[choose("files", 0, 6)]
    letter = _LETTERS[choose("letter", 0, len(_LETTERS) - 1)]
    good = {
        "after": "notice",
        "days": str(choose("send day", 8, 30)),
        "channel": channel,
        "files": files,
        "letter": letter,
    }
    words = {"late": "逾期报送", "silent": "始终未报送", "wrong_year": "首次误报上年报告", "truncated": "首次文件损坏"}
    summary = f"{words.get(kind, '按时报送')}，{_WORDS[deduction]}"
    attempts: Sequence[dict[str, Any]] = [good]
    if kind == "late":
        attempts = [good | {"after": "deadline", "days": str(choose("late", 2, 12))}]
    elif kind == "silent":
        return {"summary": words[kind], "claim": "none", "deduction": 0, "attempts": []}
    elif kind in ("wrong_year", "truncated"):
        again = good | {"after": "returned", "days": str(choose("again", 2, 8))}
        attempts = [good | {"files": "docx", "flaw": kind}, again]
    return {"summary": summary, "claim": claim, "deduction": deduction, "attempts": list(attempts)}


def remediation_for(choose: Choose, owner: str, measures: Sequence[str]) -> list[dict[str, Any]]:
    """What it answers to the remediation notice (整改反馈): a plan, then done with evidence."""
    words = {"owner": owner, "due_days": "60", "measure": "；".join(measures)}
    plan = {"after": "notice", "days": str(choose("plan", 5, 15)), "state": "planned", "progress": "已制定整改方案"}
    done = {
        "after": "planned",
        "days": str(choose("done", 20, 45)),
        "state": "claimed_done",
        "progress": "整改措施已全部落实",
    }
    return [
        plan | words | {"evidence": "整改方案"},
        done | words | {"evidence": "整改佐证材料"},
    ]
