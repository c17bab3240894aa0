"""Texts and pages from templates (模板).

What a document says stands in ``templates/``; the code only fills it. A name that a template uses and nobody gave is
an error, never an empty space in an official document.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tasks.settings import PROJECT_ROOT
from tasks.writing.dates import chinese_date

TEMPLATES = PROJECT_ROOT / "templates"


@lru_cache(maxsize=8)
def environment(folder: Path) -> Environment:
    """The template engine for one folder (模板环境). HTML is escaped, plain text is not."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters["chinese_date"] = chinese_date
    return made


def filled(name: str, templates: Path = TEMPLATES, **values: Any) -> str:
    """A template filled with values (填充模板), e.g. ``filled("documents/notice.txt.j2", fiscal_year=2024)``."""
    return environment(templates).get_template(name).render(**values)
