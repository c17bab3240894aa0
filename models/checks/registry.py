"""The register of consistency checks (核对项目登记): each check explains itself to staff."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from models.checks.material import Material
from models.facts import Finding

Finder = Callable[[Material], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """One kind of check (一类核对): what it holds against what, an invented example, and why it can be wrong.

    ``code`` switches the check and names its findings; ``also`` gives the codes and titles of further findings it makes.
    """

    code: str
    title: str
    what: str
    example: str
    doubt: str
    find: Finder
    also: Mapping[str, str] = field(default_factory=dict)
