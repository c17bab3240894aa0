"""How findings are worded and measured (疑点的写法与容差)."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

from models.document import Source
from models.facts import Finding, FindingPlace, Severity
from models.numbers import plain, trimmed
from models.statements.figures import Figure
from models.statements.text import Passage, Sentence, clean, shortened

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
Computed = dict[str, Decimal | str]
MONEY_PLACES = Decimal("0.0001")


def place(source: Source, quote: str | None = None) -> FindingPlace:
    """One side of a finding with its quote (一处出处)."""
    # What a check quotes is clean already; the blanks left in it separate the cells of a table row.
    text = shortened(" ".join(quote.split()) if quote else clean(source.quote or ""))
    return FindingPlace(quote=text, source=source.model_copy(update={"quote": text}))


def at(*where: Figure | Sentence | Passage) -> tuple[FindingPlace, ...]:
    """The places of statements (陈述的出处), each once."""
    found: dict[tuple[str, str], FindingPlace] = {}
    for one in where:
        quote = one.quote if isinstance(one, Figure) else one.text
        made = place(one.source, quote)
        found.setdefault((made.quote, made.source.spoken()), made)
    return tuple(found.values())


def spoken(source: Source) -> str:
    """Where it stands, or 文中 where the place is unknown (出处文字)."""
    return source.spoken() or "文中"


def number(value: Decimal, places: Decimal = MONEY_PLACES) -> str:
    """A computed number for a sentence (计算结果的写法): at most four decimals, no trailing zeros."""
    return trimmed(value.quantize(places)) if value.as_tuple().exponent < places.as_tuple().exponent else trimmed(value)  # type: ignore[operator]


def percent(value: Decimal) -> str:
    """A computed percentage with two decimals (百分数)."""
    return plain(value.quantize(CENT))


def found(
    code: str,
    severity: Severity,
    message: str,
    places: tuple[FindingPlace, ...],
    **computed: Decimal | str,
) -> Finding:
    """A finding (疑点); computed numbers become plain decimal strings."""
    return Finding(
        code=code,
        severity=severity,
        message=message,
        places=places,
        computed={key: number(value) if isinstance(value, Decimal) else value for key, value in computed.items()},
    )


def fingerprint(finding: Finding) -> str:
    """What makes a finding the same finding in a later version of the report (疑点指纹), as hex sha256.

    Made of its code and quotes, not of places: a paragraph that moved but still says the same is the same finding, so that
    one dismissed with a reason is not raised again; a changed quotation is a new one.
    """
    quotes = sorted(clean(place.quote) for place in finding.places)
    return sha256("\x1f".join((finding.code, *quotes)).encode("utf-8")).hexdigest()


def judged(difference: Decimal, parts: int, step: Decimal = CENT) -> Severity:
    """Severity of a difference between added figures (差额的级别).

    Every added figure may carry one unit of its last printed decimal: 0 is confirmed, up to ``parts`` units is a matter of
    rounding, more cannot be explained by rounding.
    """
    size = abs(difference)
    if size == 0:
        return Severity.CONFIRMED
    return Severity.INFORMATION if size <= step * parts else Severity.ERROR


def rate_judged(printed: Figure, computed: Decimal, slack: Decimal = Decimal(0)) -> Severity:
    """Severity of a printed percentage against the computed one (百分数的级别): half a unit confirms, one unit is rounding."""
    size = abs(printed.value - computed)
    step = printed.step
    if size <= step / 2 + slack:
        return Severity.CONFIRMED
    return Severity.INFORMATION if size <= step + slack else Severity.ERROR
