"""The public site (评价结果公开网站): static pages in Chinese that work offline and load nothing from elsewhere.

Built from ``PublishedResults`` only, into a new folder beside the target, which then takes its place: a visitor sees
the old site or the new one. Equal input, equal bytes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

from models.deviation import BASE_WORDS
from models.numbers import rounded, trimmed
from models.published import PublishedDepartment, PublishedResults
from tasks.writing.charts import grade_chart, review_scatter, score_histogram, score_rows, year_line
from tasks.writing.results import results_csv, results_json, results_workbook
from tasks.writing.site_view import SiteExtras, band_sentences, page_name, public_draw, sample_estimate
from tasks.writing.templates import TEMPLATES, environment

_ASSETS = ("style.css", "sort.js")


def build_site(
    results: PublishedResults,
    draw: Mapping[str, Any] | None,
    extras: SiteExtras | None,
    folder: Path,
    templates: Path = TEMPLATES,
) -> tuple[Path, ...]:
    """Build the site in ``folder`` (生成公开网站) and give the files made, in order of their names.

    ``draw`` is the draw record as JSON data or None. The folder's earlier content is replaced as a whole.
    """
    extras = extras or SiteExtras()
    folder = folder.resolve()
    fresh, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    _recover(folder, old)
    shutil.rmtree(fresh, ignore_errors=True)
    names = []
    for name, content in _files(results, draw, extras, templates):
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        names.append(name)
    _swap(fresh, folder, old)
    return tuple(folder / name for name in sorted(names))


def _recover(folder: Path, old: Path) -> None:
    """Put the old site back if a build was killed between the two renames (恢复)."""
    if old.exists() and not folder.exists():
        old.rename(folder)


def _swap(fresh: Path, folder: Path, old: Path) -> None:
    shutil.rmtree(old, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _files(
    results: PublishedResults, draw: Mapping[str, Any] | None, extras: SiteExtras, templates: Path
) -> Iterator[tuple[str, bytes]]:
    """Every file of the site with its content (网站文件)."""
    record = public_draw(draw, results) if draw is not None else None
    engine = environment(templates)
    engine.filters.update(points=points, page_name=page_name)
    common = {"results": results, "extras": extras, "draw": record}

    def page(template: str, **values: Any) -> bytes:
        text = engine.get_template(f"site/{template}.html.j2").render(**common, **values)
        return (text.strip() + "\n").encode()

    yield "index.html", page("index", root="", **_overview(results, extras))
    for number, department in enumerate(results.departments):
        neighbours = _neighbours(results, number)
        yield f"departments/{page_name(department.code)}", page("department", root="../", d=department, **neighbours)
    bands = band_sentences(extras.deviation)
    yield "methods.html", page("methods", root="", bands=bands, base_words=BASE_WORDS[extras.deviation.base])
    if record is not None:
        told = sample_estimate(record, results, extras.deviation)
        yield "draw.html", page("draw", root="", estimate=told)
        yield "data/draw.json", (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()
    yield "data/results.json", results_json(results)
    yield "data/results.csv", results_csv(results)
    yield "data/results.xlsx", results_workbook(results)
    for name in _ASSETS:
        yield name, (templates / "site" / name).read_bytes()


def _neighbours(results: PublishedResults, number: int) -> dict[str, PublishedDepartment | None]:
    departments = results.departments
    return {
        "before": departments[number - 1] if number else None,
        "after": departments[number + 1] if number + 1 < len(departments) else None,
    }


def _overview(results: PublishedResults, extras: SiteExtras) -> dict[str, Any]:
    departments = results.departments
    scores = [department.final_score for department in departments if department.final_score is not None]
    average = rounded(mean(scores)) if scores else None
    years = list(extras.averages)
    if average is not None and years:
        years.append((results.fiscal_year, average))
    line, dots = year_line(years)
    best = [band.name for band in extras.grade_bands[:2]]
    return {
        "average": average,
        "good": sum(1 for department in departments if department.grade in best),
        "good_words": "、".join(best),
        "checked": sum(1 for department in departments if department.spot_checked),
        "silent": sum(1 for department in departments if department.status == "not_submitted"),
        "grades": grade_chart(departments, extras.grade_bands),
        "grade_order": [band.name for band in extras.grade_bands],
        "histogram": score_histogram(departments),
        "scatter": review_scatter(departments, extras.deviation),
        "rows": score_rows(departments, extras.grade_bands),
        "year_points": line,
        "year_dots": dots,
    }


def points(value: Any, absent: str = "—") -> str:
    """A number for people (得分写法): without idle zeros, a dash where there is none."""
    return absent if value is None else trimmed(value)
