"""Differences and growth rates (增减额与增减率): recomputed on both bases, saying which one fits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, Computed, at, found, number, percent, rate_judged, spoken
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.statements.changes import Change
from models.statements.figures import Figure, Kind
from models.statements.labels import core, same_name

_LARGE_RATIO = Decimal(5)
_LARGE_AMOUNT = Decimal(100)
_WORD = {Kind.RISE: "增加", Kind.FALL: "减少"}


def _amount(figure: Figure) -> Decimal:
    return figure.amount or Decimal(0)


def _candidates(material: Material, change: Change) -> list[Figure]:
    """Amounts the change may speak of, nearest first: its own clause, its paragraph, then the whole report."""
    wanted = core(change.subject)
    passage = change.by.sentence.passage
    here: list[Figure] = []
    there: list[Figure] = []
    for one in material.levels():
        if not one.amount:
            continue
        fits = not wanted or same_name(change.subject, one.label) or (len(wanted) >= 2 and wanted in core(one.label))
        if one.sentence.passage is passage and (fits or one.sentence is change.by.sentence):
            here.append(one)
        elif fits and wanted:
            there.append(one)
    own = [change.current] if change.current else []
    return own + [one for one in here if one is not change.current] + there


def _named(change: Change) -> str:
    return f"“{change.subject}”" if core(change.subject) else ""


def _looked_up(material: Material, change: Change, earlier: bool) -> Figure | None:
    """The amount of this or of the earlier year with the same name in the same paragraph, if there is exactly one."""
    wanted = core(change.subject)
    if not wanted or material.year is None:
        return None
    year = str(int(material.year) - 1) if earlier else material.year
    here = [
        one
        for one in material.of_passage(change.by.sentence.passage)
        if one.kind is Kind.LEVEL
        and one.is_money
        and one.year == year
        and (core(one.label) == wanted or (len(wanted) > 2 and same_name(change.subject, one.label)))
    ]
    return here[0] if len({one.amount for one in here}) == 1 else None


def sides(material: Material, change: Change) -> tuple[Figure | None, Figure | None]:
    """What is compared (比较双方): as printed in the clause, else found by name and year in the paragraph."""
    yearly = change.basis_kind == "year"
    current = change.current or (_looked_up(material, change, earlier=False) if yearly else None)
    basis = change.basis or (_looked_up(material, change, earlier=True) if yearly else None)
    return current, basis


def _difference(material: Material, change: Change) -> Iterator[Finding]:
    by = change.by
    current, basis = sides(material, change)
    if basis is None:
        return
    if current is None:
        expected = _amount(basis) + change.signed * _amount(by)
        exact = [one for one in material.levels() if one.amount == expected]
        if exact:
            shown = f"{spoken(by.source)}“{basis.printed}”{_WORD[by.kind]}{by.printed}"
            said = f"{shown}，与“{exact[0].label}{exact[0].printed}”相符。"
            yield found("difference", Severity.CONFIRMED, said, at(by, exact[0]), difference=_amount(by))
        return
    gap = _amount(current) - _amount(basis)
    off = abs(gap) - _amount(by)
    slack = (current.step + basis.step + by.step) / 2
    said = f"{spoken(by.source)}写明“{current.label}{current.printed}”{_against(basis)}{_WORD[by.kind]}{by.printed}"
    computed = {"difference": gap, "printed": _amount(by)}
    places = at(current, basis, by)
    explicit = current is change.current and basis is change.basis
    if off == 0 and gap * change.signed >= 0:
        yield found("difference", Severity.CONFIRMED, f"{said}，计算相符。", places, **computed)
    elif gap * change.signed < 0 and abs(gap) > slack:
        message = f"{said}，而两数相减为{number(gap)}万元，方向与文字不同，请核对。"
        yield found("difference", Severity.QUESTION, message, places, **computed)
    elif abs(off) <= slack:
        message = f"{said}，两数相减为{number(abs(gap))}万元，差额属于四舍五入。"
        yield found("difference", Severity.INFORMATION, message, places, **computed)
    else:
        message = f"{said}，而两数相减为{number(abs(gap))}万元，请核对。"
        yield found("difference", Severity.ERROR if explicit else Severity.QUESTION, message, places, **computed)


def _against(basis: Figure) -> str:
    label = basis.label.strip("与较比同")
    return f"与“{label.removeprefix('相比')}{basis.printed}”相比"


def _rates(change: Change, current: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """The rate on the previous and on the current figure (按上年数、按本年数)."""
    previous = current - change.signed * _amount(change.by)
    on_previous = _amount(change.by) / previous * HUNDRED if previous > 0 else None
    on_current = _amount(change.by) / current * HUNDRED if current > 0 else None
    return on_previous, on_current


def _rate(material: Material, change: Change) -> Iterator[Finding]:
    if change.rate is None or not _amount(change.by):
        return
    rate, by = change.rate, change.by
    slack = rate.value * (by.step / 2) / _amount(by)
    said = f"{spoken(by.source)}{_named(change)}{_WORD[by.kind]}{by.printed}，{rate.label}{rate.printed}"
    candidates = _candidates(material, change)
    if change.basis is not None and change.basis.amount:
        computed = _amount(by) / change.basis.amount * HUNDRED
        yield from _on_stated_basis(change, rate, computed, said, slack)
        return
    for one in candidates:
        on_previous, _ = _rates(change, _amount(one))
        if on_previous is not None and rate_judged(rate, on_previous, slack) is not Severity.ERROR:
            grade = rate_judged(rate, on_previous, slack)
            word = "相符" if grade is Severity.CONFIRMED else "相差末位1，属于四舍五入"
            message = f"{said}，按上年数计算为{percent(on_previous)}%，{word}。"
            yield found(
                "growth-rate", grade, message, at(by, one), on_previous=percent(on_previous), printed=rate.value
            )
            return
    for one in candidates:
        on_previous, on_current = _rates(change, _amount(one))
        if (
            on_current is not None
            and rate_judged(rate, on_current, slack) is Severity.CONFIRMED
            and on_previous is not None
        ):
            message = (
                f"{said}；以本年数{one.printed}（“{one.label}”）为基数为{percent(on_current)}%，与所写一致，"
                f"以上年数{number(_amount(one) - change.signed * _amount(by))}万元为基数应为{percent(on_previous)}%，请核对基数。"
            )
            yield found(
                "growth-base",
                Severity.ERROR,
                message,
                at(by, one),
                on_current=percent(on_current),
                on_previous=percent(on_previous),
                current=_amount(one),
                change=_amount(by),
            )
            return
    if change.current is not None:
        on_previous, on_current = _rates(change, _amount(change.current))
        if on_previous is not None and on_current is not None:
            message = (
                f"{said}；“{change.current.label}{change.current.printed}”以上年数为基数为{percent(on_previous)}%，"
                f"以本年数为基数为{percent(on_current)}%，均与所写不同，请核对。"
            )
            computed_rates: Computed = {
                "on_previous": percent(on_previous),
                "on_current": percent(on_current),
                "printed": rate.value,
            }
            yield found("growth-rate", Severity.QUESTION, message, at(change.current, by), **computed_rates)


def _on_stated_basis(change: Change, rate: Figure, computed: Decimal, said: str, slack: Decimal) -> Iterator[Finding]:
    basis = change.basis
    if basis is None:
        return
    grade = rate_judged(rate, computed, slack)
    places = at(change.by, basis)
    values: Computed = {"on_basis": percent(computed), "printed": rate.value}
    if grade is Severity.CONFIRMED:
        yield found("growth-rate", grade, f"{said}，以{basis.printed}为基数计算相符。", places, **values)
    elif grade is Severity.INFORMATION:
        yield found(
            "growth-rate",
            grade,
            f"{said}，以{basis.printed}为基数为{percent(computed)}%，属于四舍五入。",
            places,
            **values,
        )
    else:
        other = ""
        whole = _amount(basis) + change.signed * _amount(change.by)
        if whole > 0 and rate_judged(rate, _amount(change.by) / whole * HUNDRED, slack) is Severity.CONFIRMED:
            other = f"（以本年数{number(whole)}万元为基数则与所写一致）"
        message = f"{said}，以文中所列基数{basis.printed}计算为{percent(computed)}%{other}，请核对。"
        yield found("growth-rate", Severity.ERROR, message, places, **values)


def _find(material: Material) -> Iterator[Finding]:
    told: dict[tuple[tuple[str, str], ...], Finding] = {}
    for change in material.changes:
        yield from _difference(material, change)
        for one in _rate(material, change):
            key = tuple(one.computed.items())
            if one.code != "growth-base":
                yield one
            elif key in told:
                told[key] = told[key].model_copy(update={"places": told[key].places + one.places})
            else:
                told[key] = one
    # Income and expenditure grow by the same figures in balanced accounts: one slip, stated in several places.
    yield from told.values()


def _large(material: Material) -> Iterator[Finding]:
    for change in material.changes:
        current, basis = sides(material, change)
        if current is None or basis is None or _amount(change.by) < _LARGE_AMOUNT:
            continue
        low, high = sorted((_amount(current), _amount(basis)))
        if high < low * _LARGE_RATIO or "原因" in change.by.sentence.passage.text[change.by.sentence.start :]:
            continue
        name = core(change.subject) and change.subject
        following = [
            one
            for one in material.sentences
            if "原因" in one.text and core(change.subject) and core(change.subject) in core(one.text)
        ]
        if following:
            continue
        message = (
            f"{spoken(change.by.source)}“{name}”由{basis.printed}变为{current.printed}，{_WORD[change.by.kind]}{change.by.printed}，"
            "变动很大，文中未见原因说明，请补充。"
        )
        yield found(
            "large-change", Severity.QUESTION, message, at(change.by, basis, current), change=_amount(change.by)
        )


LARGE = Check(
    code="large-change",
    title="变动很大而没有说明",
    what="金额增减到五倍以上（或五分之一以下）、变动在100万元以上，而文中没有说明原因。",
    example="农林水支出由10万元增加到733万元。",
    doubt="原因可能写在名称不同的段落里。",
    find=_large,
)


CHECK = Check(
    code="growth-rate",
    title="增减额与增减率",
    what="本年数减基数与所写增减额比较；增减率分别以上年数、本年数为基数重算，指出哪一个与所写相符。",
    example="支出110万元，比上年增加10万元，增长9.09%：以上年数100万元为基数应为10%。",
    doubt="句中省略的本年数要从前文寻找，可能找到口径相近的另一数；基数不明的只作待核实。",
    also={
        "difference": "增减额",
        "growth-base": "增减率的基数",
    },
    find=_find,
)
