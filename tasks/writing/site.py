"""The public site (评价结果公开网站): static pages in Chinese that work offline and load nothing from elsewhere.

Built from ``PublishedResults`` only, into a new folder beside the target, which then takes its place: a visitor sees
the old site or the new one. Equal input, equal bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.numbers import trimmed
from models.published import PublishedResults
from tasks.writing.site_pages import Files, Site, pages
from tasks.writing.site_view import SiteExtras, page_name, public_draw
from tasks.writing.templates import TEMPLATES, environment

_ASSETS = ("style.css", "sort.js")


def build_site(
    results: PublishedResults,
    draw: Mapping[str, Any] | None,
    extras: SiteExtras | None,
    folder: Path,
    templates: Path = TEMPLATES,
    *,
    earlier: Sequence[PublishedResults] = (),
) -> tuple[Path, ...]:
    """Build the site in ``folder`` (生成公开网站) and give the files made, in order of their names.

    ``draw`` is the draw record as JSON data or None, ``earlier`` the editions that ``results`` replaces, oldest first. The
    folder's earlier content is replaced as a whole.
    """
    record = public_draw(draw, results) if draw is not None else None
    engine = environment(templates)
    engine.filters.update(points=points, page_name=page_name)
    site = Site(results, tuple(earlier), extras or SiteExtras(), record, engine)
    folder = folder.resolve()
    fresh, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    _recover(folder, old)
    shutil.rmtree(fresh, ignore_errors=True)
    names = []
    for name, content in _files(site, templates):
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


def _files(site: Site, templates: Path) -> Files:
    """Every file of the site with its content (网站文件)."""
    yield from pages(site)
    for name in _ASSETS:
        yield name, (templates / "site" / name).read_bytes()


def points(value: Any, absent: str = "—") -> str:
    """A number for people (得分写法): without idle zeros, a dash where there is none."""
    return absent if value is None else trimmed(value)
