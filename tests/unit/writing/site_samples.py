"""A public site with everything on it: a corrected edition, earlier years, a redraw, hostile and very long names."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import writing_samples as samples

from models import editions
from models.published import PublishedCorrection, PublishedResults
from models.sampling import FrameUnit, SpotCheckPolicy, draw
from tasks.writing.site import build_site
from tasks.writing.site_view import PastYear, site_extras

LONG = "青禾县" + "农村集体资产经营管理和乡村建设综合服务" * 4 + "中心"
HOSTILE = '<script>document.title="owned"</script>=HYPERLINK("http://a.example")'
NAMES = {0: None, 1: LONG, 2: HOSTILE}


def first_edition(departments: int = 6) -> PublishedResults:
    """The results as they were published first."""
    made = []
    for number in range(departments):
        one = samples.department_result(number % 6, NAMES.get(number))
        name = one.name if number < 6 else f"{samples.COUNTY}第{number + 1}{one.name.removeprefix(samples.COUNTY)}"
        made.append(one.model_copy(update={"code": str(101 + number), "name": name}))
    return samples.results(made)


def second_edition(first: PublishedResults) -> PublishedResults:
    """The same, with one department corrected after an objection."""
    old = next(d for d in first.departments if d.code == "101")
    line = old.lines[0].model_copy(update={"final": Decimal(10)})
    new = old.model_copy(update={"lines": (line, *old.lines[1:]), "final_score": Decimal("91.5"), "grade": "优"})
    departments = tuple(sorted((new if d is old else d for d in first.departments), key=lambda d: d != new))
    ranked = tuple(d.model_copy(update={"rank": str(place)}) if d.rank else d for place, d in enumerate(departments, 1))
    second = first.model_copy(update={"departments": ranked, "edition": "2", "published_on": "2025-11-20"})
    second = second.model_copy(update={"document_number": "青财绩〔2025〕25号"})
    changes = editions.compare(first, second, {("101", line.rule): "申诉成立（编号3）"})
    correction = PublishedCorrection(
        reason="申诉成立", edition="1", published_on=first.published_on, document_number=first.document_number
    )
    told = editions.sentences(changes, 0)
    return second.model_copy(update={"revisions": changes, "changes": told, "correction": correction})


def draws(results: PublishedResults) -> dict[str, object]:
    """A redraw with the draw before it, as the house publishes them."""
    frame = [
        FrameUnit(code=d.code, name=d.name, stratum=("社会事业", "经济建设")[int(d.code) % 2])
        for d in sorted(results.departments, key=lambda d: d.code)
    ]
    made = [draw(frame, SpotCheckPolicy(), seed).model_dump(mode="json") for seed in ("07 11 23", "公开种子 04 19 22")]
    before = made[0] | {"number": 1, "drawn_on": "2025-07-01", "redraw_reason": None, "previous": []}
    reason = "两个部门的类别登记有误，更正后重新抽取。"
    return made[1] | {"number": 2, "drawn_on": "2025-07-05", "redraw_reason": reason, "previous": [before]}


def past_years(results: PublishedResults) -> tuple[PastYear, ...]:
    """Three earlier years."""
    codes = [d.code for d in results.departments]
    return tuple(
        PastYear(
            year=str(year),
            average=Decimal("79.5") + number,
            scores={code: Decimal(70 + (int(code) * 7 + number * 5) % 28) for code in codes},
            grades=dict.fromkeys(codes, "良"),
        )
        for number, year in enumerate((2021, 2022, 2023))
    )


def build(folder: Path, departments: int = 6) -> tuple[Path, ...]:
    """Build the whole site in a folder; gives its files."""
    first = first_edition(departments)
    second = second_edition(first)
    extras = site_extras(samples.rules(), past=past_years(first), contact="绩效股，0800-0000000，jixiao@qinghe.example")
    return build_site(second, draws(second), extras, folder, earlier=(first,))
