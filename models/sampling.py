"""The spot-check draw (抽查): seeded, stratified, at least one per stratum, repeatable by anyone from its record.

Algorithm ``jixiao-draw-1``, written out in docs/rules.md so that a few independent lines can repeat it:

1. Every stratum is drawn by itself. Its sample size is share x size, rounded by the policy, at least the minimum and
   at most the whole stratum.
2. A unit's inclusion probability is n x measure / sum of measures. Units that reach 1 are certain; the rest share what
   is left, again and again until none reaches 1. The measure is 1, the risk, the size, or size x risk.
3. The units that are not certain are put in the order of sha256("seed|stratum|code") and laid end to end, each as long
   as its probability. The start is sha256("seed|stratum") as a fraction of 2^256; the units that cover start,
   start + 1, start + 2, ... are drawn. Exact fractions throughout: no random module, no floating point.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer

from models.document import Frozen
from models.numbers import Number, trimmed

ALGORITHM = "jixiao-draw-1"
_RANGE = 2**256
# What a published record says beside the draw itself: its number among the year's draws, and those before it.
REGISTER = frozenset({"number", "drawn_on", "redraw_reason", "previous"})


class RiskPolicy(Frozen):
    """What makes a department more likely to be drawn (风险权重). Everyone starts at 1; the additions are capped.

    ``per_finding`` for each error found in the report, ``per_deviation_percent`` for each percent of last year's deviation,
    ``never_drawn`` for one that was never spot-checked; ``most`` caps the whole weight.
    """

    per_finding: Number = Field(default=Decimal("0.1"), ge=0)
    per_deviation_percent: Number = Field(default=Decimal("0.05"), ge=0)
    never_drawn: Number = Field(default=Decimal("0.5"), ge=0)
    most: Number = Field(default=Decimal(3), ge=1)


class SpotCheckPolicy(Frozen):
    """How the sample is drawn (抽查办法).

    ``share`` of each stratum from 0 to 1; ``minimum`` units per stratum; ``rounding`` of share x size;
    ``measure``: ``equal`` chances, or chances in proportion to ``risk``, ``size`` or ``size_times_risk``.
    ``size_limits``: budgets in 万元 that part small from large departments within a class, ascending; empty: by class only.
    """

    share: Number = Field(default=Decimal("0.3"), ge=0, le=1)
    minimum: int = Field(default=1, ge=1)
    rounding: Literal["up", "half_up"] = "up"
    measure: Literal["equal", "risk", "size", "size_times_risk"] = "equal"
    risk: RiskPolicy = RiskPolicy()
    size_limits: tuple[Number, ...] = ()

    @property
    def weighs_size(self) -> bool:
        """Whether chances depend on size (是否按规模)."""
        return self.measure in ("size", "size_times_risk")

    @property
    def weighs_risk(self) -> bool:
        """Whether chances depend on risk (是否按风险)."""
        return self.measure in ("risk", "size_times_risk")

    @field_validator("size_limits")
    @classmethod
    def _ascend(cls, limits: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        if any(low >= high for low, high in pairwise((Decimal(0), *limits))):
            raise ValueError("规模界限须大于0并逐个增大。")
        return limits


class _Unit(Frozen):
    @model_serializer(mode="wrap")
    def _without_idle_alias(self, made: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """An alias that is not there is not written, so that records from before there were aliases stay as they are."""
        told: dict[str, Any] = made(self)
        if told.get("alias") is None:
            told.pop("alias", None)
        return told


class FrameUnit(_Unit):
    """One department that can be drawn (抽样单元). ``size`` and ``risk`` only matter where the policy weighs them.

    ``alias``: under what a unit is drawn whose code may not be published (代号).
    """

    code: str
    name: str
    stratum: str
    size: Number = Decimal(1)
    risk: Number = Decimal(1)
    alias: str | None = None


class DrawStratum(Frozen):
    """One stratum (抽样层): how many departments it holds, how many were drawn."""

    stratum: str
    size: int
    drawn: int


class DrawUnit(_Unit):
    """A department in the draw (抽样结果). ``ratio`` is its exact probability such as ``3/10``; the decimal is rounded."""

    code: str
    name: str
    stratum: str
    size: Number
    risk: Number
    probability: Number
    ratio: str
    drawn: bool
    alias: str | None = None


class Draw(Frozen):
    """The record of a draw (抽签记录): everything needed to repeat it. ``digest`` covers all other fields."""

    algorithm: str
    seed: str
    policy: SpotCheckPolicy
    frame_digest: str
    strata: tuple[DrawStratum, ...]
    units: tuple[DrawUnit, ...]
    digest: str

    @property
    def drawn(self) -> tuple[str, ...]:
        """The codes of the drawn departments (被抽中的部门), in order of code."""
        return tuple(unit.code for unit in self.units if unit.drawn)


def stratum(department_class: str, size: Decimal, policy: SpotCheckPolicy) -> str:
    """The stratum of a department (所属抽样层): its class, and its size where the policy has limits, e.g. ``行政·规模2``."""
    if not policy.size_limits:
        return department_class
    step = 1 + sum(size >= limit for limit in policy.size_limits)
    return f"{department_class}·规模{step}"


def risk_weight(findings: int, last_deviation: Decimal | None, drawn_before: bool, policy: RiskPolicy) -> Decimal:
    """The risk weight of a department (风险权重), from 1 to ``policy.most``.

    ``findings``: errors found in this year's report; ``last_deviation`` in percent, None where it is not known.
    """
    if findings < 0 or (last_deviation is not None and last_deviation < 0):
        raise ValueError("疑点个数和上年偏离度不能为负数。")
    weight = Decimal(1) + policy.per_finding * findings
    weight += policy.per_deviation_percent * (last_deviation or Decimal(0))
    weight += Decimal(0) if drawn_before else policy.never_drawn
    return Decimal(trimmed(min(policy.most, weight)))


def draw(frame: Sequence[FrameUnit], policy: SpotCheckPolicy, seed: str) -> Draw:
    """Draw the spot-check sample (抽查抽签). The order of ``frame`` does not matter.

    Raises ValueError for an empty frame or seed, duplicate codes, a “|” in a code or stratum, or weights <= 0.
    """
    units = sorted(frame, key=lambda unit: unit.code.encode())
    _check(units, policy, seed)
    strata: list[DrawStratum] = []
    rows: dict[str, DrawUnit] = {}
    for name in sorted({unit.stratum for unit in units}, key=str.encode):
        members = [unit for unit in units if unit.stratum == name]
        wanted = _sample_size(len(members), policy)
        chances = inclusion_probabilities({unit.code: _measure(unit, policy) for unit in members}, wanted)
        taken = _systematic(chances, seed, name, {unit.code: unit.alias or unit.code for unit in members})
        strata.append(DrawStratum(stratum=name, size=len(members), drawn=len(taken)))
        rows |= {unit.code: _row(unit, chances[unit.code], unit.code in taken) for unit in members}
    record: dict[str, Any] = {
        "algorithm": ALGORITHM,
        "seed": seed,
        "policy": policy,
        "frame_digest": frame_digest(units),
        "strata": tuple(strata),
        "units": tuple(rows[unit.code] for unit in units),
    }
    unsigned = Draw(**record, digest="")
    return Draw(**record, digest=_digest_of(unsigned))


def redraw(record: str | dict[str, Any] | Draw) -> Draw:
    """Repeat a recorded draw from its own frame, policy and seed (按记录重新演算)."""
    told = parsed(record)
    if told.algorithm != ALGORITHM:
        raise ValueError(f"抽签记录的算法为“{told.algorithm}”，本程序只能演算“{ALGORITHM}”，请使用当时的程序版本。")
    return draw([framed(unit) for unit in told.units], told.policy, told.seed)


def framed(unit: DrawUnit) -> FrameUnit:
    """A unit of a record as it stood in the frame (抽样框中的单元)."""
    return FrameUnit(
        code=unit.code, name=unit.name, stratum=unit.stratum, size=unit.size, risk=unit.risk, alias=unit.alias
    )


def verify(record: str | dict[str, Any] | Draw) -> bool:
    """Whether a draw record is exactly what its seed, policy and frame give (抽签记录核验)."""
    told = parsed(record)
    return told.algorithm == ALGORITHM and redraw(told) == told


def frame_digest(frame: Sequence[FrameUnit]) -> str:
    """The sha256 of the frame (抽样框指纹): code, name, stratum, size and risk of every unit, in order of code."""
    rows = [
        [u.code, u.name, u.stratum, trimmed(u.size), trimmed(u.risk), *([u.alias] if u.alias else [])] for u in frame
    ]
    return _sha(_canonical(sorted(rows, key=lambda row: row[0].encode())))


def inclusion_probabilities(measures: dict[str, Fraction], wanted: int) -> dict[str, Fraction]:
    """First-order inclusion probabilities (入样概率) proportional to ``measures``; they add up to ``wanted``.

    Units whose share would exceed 1 are certain, and the rest of the sample is shared among the others (the usual
    iteration for sampling with probability proportional to size).
    """
    certain: set[str] = set()
    while True:
        others = {code: measure for code, measure in measures.items() if code not in certain}
        left = wanted - len(certain)
        total = sum(others.values(), Fraction(0))
        chances = {code: left * measure / total for code, measure in others.items()}
        over = {code for code, chance in chances.items() if chance >= 1}
        if not over:
            return {code: chances.get(code, Fraction(1)) for code in measures}
        certain |= over


def _systematic(chances: dict[str, Fraction], seed: str, stratum: str, keys: dict[str, str]) -> set[str]:
    """Systematic selection from a random order; keeps every probability exactly. ``keys``: code -> what is hashed for it."""
    taken = {code for code, chance in chances.items() if chance == 1}
    shuffled = sorted(
        (code for code in chances if code not in taken), key=lambda c: _sha(f"{seed}|{stratum}|{keys[c]}")
    )
    start = Fraction(int(_sha(f"{seed}|{stratum}"), 16), _RANGE)
    reached = Fraction(0)
    for code in shuffled:
        before, reached = reached, reached + chances[code]
        # A whole step start + k lies in [before, reached) exactly when the number of steps below changes.
        if _steps_below(reached, start) > _steps_below(before, start):
            taken.add(code)
    return taken


def _steps_below(position: Fraction, start: Fraction) -> int:
    """How many of start, start + 1, start + 2, ... lie strictly below ``position``."""
    return max(0, -((start - position) // 1))


def _sample_size(size: int, policy: SpotCheckPolicy) -> int:
    wanted = Fraction(policy.share) * size
    count = -((-wanted) // 1) if policy.rounding == "up" else (wanted * 2 + 1) // 2
    return min(size, max(policy.minimum, count))


def _measure(unit: FrameUnit, policy: SpotCheckPolicy) -> Fraction:
    risk, size = Fraction(unit.risk), Fraction(unit.size)
    return {"equal": Fraction(1), "risk": risk, "size": size, "size_times_risk": size * risk}[policy.measure]


def _check(units: Sequence[FrameUnit], policy: SpotCheckPolicy, seed: str) -> None:
    if not units:
        raise ValueError("抽样框为空，没有可以抽查的部门。请先确认参加评价的部门名单。")
    if not seed.strip() or seed != seed.strip():
        raise ValueError("抽签种子不能为空，首尾不能有空格。请重新填写。")
    codes = [unit.code for unit in units]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ValueError(f"抽样框中部门代码重复：{'、'.join(twice)}。请更正部门名单后再抽签。")
    shown = [unit.alias or unit.code for unit in units]
    if len(set(shown)) != len(shown):
        raise ValueError("抽样框中的代号与部门代码或其他代号重复，请重新生成代号后再抽签。")
    for unit in units:
        if "|" in unit.code + unit.stratum + (unit.alias or "") or not unit.code or not unit.stratum:
            raise ValueError(f"部门“{unit.name}”的代码和分层名称不能为空，也不能含有“|”。")
        if _measure(unit, policy) <= 0:
            raise ValueError(f"部门“{unit.name}”（{unit.code}）的规模和风险权重须大于0。")


def _row(unit: FrameUnit, chance: Fraction, drawn: bool) -> DrawUnit:
    tenth = Decimal((chance * 10**10 * 2 + 1) // 2).scaleb(-10)
    return DrawUnit(
        **unit.model_dump(),
        probability=Decimal(trimmed(tenth)),
        ratio=f"{chance.numerator}/{chance.denominator}",
        drawn=drawn,
    )


def parsed(record: str | dict[str, Any] | Draw) -> Draw:
    """A record as a Draw (读取抽签记录), whether bare or as it was published. Raises ValueError for anything else."""
    if isinstance(record, Draw):
        return record
    told = json.loads(record) if isinstance(record, str) else record
    if not isinstance(told, dict):
        raise ValueError("抽签记录须为一组“名称: 值”。")
    return Draw.model_validate({name: value for name, value in told.items() if name not in REGISTER})


def _digest_of(record: Draw) -> str:
    return _sha(_canonical(record.model_dump(mode="json", exclude={"digest"})))


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()
