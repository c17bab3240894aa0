"""Styles and automatic numbers of a Word document (样式与自动编号): what styles.xml and numbering.xml say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from tasks.reading.numerals import formatted

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = f"{W}val"
LEVELS = 9
_HEADING = re.compile(r"^(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"%([1-9])")
_OFF = {"0", "false", "off"}


def is_on(element: etree._Element | None) -> bool:
    """Whether a toggle property such as w:vanish is set (开关属性)."""
    return element is not None and element.get(VAL) not in _OFF


def integer(element: etree._Element | None, attribute: str = VAL) -> int | None:
    """The whole number in an attribute (整数属性), None when absent or not a number."""
    value = element.get(attribute) if element is not None else None
    try:
        return int(value) if value is not None else None
    except ValueError:
        return None


@dataclass(slots=True)
class Style:
    """What a style says that matters for reading (样式)."""

    parent: str | None = None
    heading: int | None = None
    hidden: bool = False
    number: tuple[int | None, int | None] | None = None  # (numId, level)
    is_contents: bool = False


class Styles:
    """The styles of a document (样式表), parents followed."""

    def __init__(self, root: etree._Element | None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._chains: dict[str, list[Style]] = {}
        self.default: str | None = None
        for element in root.iterchildren(f"{W}style") if root is not None else ():
            name = element.get(f"{W}styleId", "")
            self._elements[name] = element
            if element.get(f"{W}default") in {"1", "true", "on"} and element.get(f"{W}type") == "paragraph":
                self.default = name

    def chain(self, name: str | None) -> list[Style]:
        """A style and its parents, nearest first (样式链); a loop ends it."""
        if not name:
            return []
        if name not in self._chains:
            found: list[Style] = []
            seen: set[str] = set()
            parent: str | None = name
            while parent and parent not in seen and parent in self._elements:
                seen.add(parent)
                found.append(_style(self._elements[parent]))  # a file names hundreds of styles and uses a few
                parent = found[-1].parent
            self._chains[name] = found
        return self._chains[name]

    def heading(self, name: str | None) -> int | None:
        """The outline level of a style, 1 to 9 (标题级别)."""
        return next((style.heading for style in self.chain(name) if style.heading is not None), None)

    def hides(self, name: str | None) -> bool:
        """Whether text of this style is hidden (隐藏样式)."""
        return any(style.hidden for style in self.chain(name))

    def is_contents(self, name: str | None) -> bool:
        """Whether the style is that of a table of contents (目录样式)."""
        return any(style.is_contents for style in self.chain(name)[:1])

    def number(self, name: str | None) -> tuple[int | None, int | None]:
        """The list and level a style puts its paragraphs in (样式的编号)."""
        list_id, level = None, None
        for style in self.chain(name):
            if style.number is not None:
                list_id = style.number[0] if list_id is None else list_id
                level = style.number[1] if level is None else level
        return list_id, level


def _style(element: etree._Element) -> Style:
    name = element.find(f"{W}name")
    label = name.get(VAL, "") if name is not None else ""
    outline = integer(element.find(f"{W}pPr/{W}outlineLvl"))
    named = _HEADING.match(label)
    based = element.find(f"{W}basedOn")
    numbers = element.find(f"{W}pPr/{W}numPr")
    return Style(
        parent=based.get(VAL) if based is not None else None,
        heading=outline + 1 if outline is not None and outline < LEVELS else int(named[1]) if named else None,
        hidden=is_on(element.find(f"{W}rPr/{W}vanish")),
        number=(integer(numbers.find(f"{W}numId")), integer(numbers.find(f"{W}ilvl"))) if numbers is not None else None,
        is_contents=label.lower().startswith("toc ") and label[4:].strip().isdigit(),
    )


@dataclass(slots=True)
class Level:
    """One level of a list definition (编号级别)."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    style: str | None = None


@dataclass(slots=True)
class ListDefinition:
    """An abstract list (编号定义) with its running counters."""

    levels: dict[int, Level]
    link: str | None = None
    counters: list[int | None] = field(default_factory=lambda: [None] * LEVELS)


class Numbering:
    """Counts the automatic numbers of a document in reading order (自动编号)."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._styles = styles
        self._definitions: dict[str, ListDefinition] = {}
        self._lists: dict[int, str] = {}
        self._overrides: dict[int, dict[int, Level | int]] = {}
        self._started: set[tuple[int, int]] = set()
        if root is None:
            return
        for element in root.iterchildren(f"{W}abstractNum"):
            link = element.find(f"{W}numStyleLink")
            levels = {integer(level, f"{W}ilvl") or 0: _level(level) for level in element.iterchildren(f"{W}lvl")}
            self._definitions[element.get(f"{W}abstractNumId", "")] = ListDefinition(
                levels, link.get(VAL) if link is not None else None
            )
        for element in root.iterchildren(f"{W}num"):
            self._read_list(element)

    def _read_list(self, element: etree._Element) -> None:
        number = integer(element, f"{W}numId")
        target = element.find(f"{W}abstractNumId")
        if number is None or target is None:
            return
        self._lists[number] = target.get(VAL, "")
        for override in element.iterchildren(f"{W}lvlOverride"):
            level = integer(override, f"{W}ilvl") or 0
            own = override.find(f"{W}lvl")
            start = integer(override.find(f"{W}startOverride"))
            if own is not None:
                self._overrides.setdefault(number, {})[level] = _level(own)
            elif start is not None:
                self._overrides.setdefault(number, {})[level] = start

    def define(self, number: int, definition: str, levels: dict[int, Level], overrides: dict[int, Level | int]) -> None:
        """Add a list that did not come from XML (登记编号列表); lists of one definition count together."""
        self._lists[number] = definition
        self._definitions.setdefault(definition, ListDefinition(levels))
        self._overrides[number] = overrides

    def _definition(self, number: int) -> ListDefinition | None:
        found = self._definitions.get(self._lists.get(number, ""))
        if found is not None and found.link and not found.levels:
            linked, _ = self._styles.number(found.link)
            other = self._definitions.get(self._lists.get(linked, "")) if linked is not None else None
            return other if other is not None and other.levels else found
        return found

    def level_of_style(self, number: int, style: str | None) -> int | None:
        """The level that names ``style`` as its own (样式对应的编号级别)."""
        definition = self._definition(number)
        if definition is None or style is None:
            return None
        return next((key for key, level in definition.levels.items() if level.style == style), None)

    def next(self, number: int, level: int) -> str | None:
        """Count one paragraph of list ``number`` and give its printed number (下一个编号); None for bullets."""
        definition = self._definition(number)
        if definition is None or not 0 <= level < LEVELS:
            return None
        overrides = self._overrides.get(number, {})
        counters = definition.counters
        own = self._level(definition, overrides, level)
        override = overrides.get(level)
        first_use = (number, level) not in self._started
        self._started.add((number, level))
        current = counters[level]
        if override is not None and first_use:
            counters[level] = override if isinstance(override, int) else override.start
        else:
            counters[level] = own.start if current is None else current + 1
        for deeper in range(level + 1, LEVELS):
            restart = self._level(definition, overrides, deeper).restart
            if restart is None or level < restart:
                counters[deeper] = None
        if own.form in {"bullet", "none"} and not _PLACEHOLDER.search(own.text):
            return None

        def shown(match: re.Match[str]) -> str:
            position = int(match[1]) - 1
            other = self._level(definition, overrides, position)
            value = counters[position]
            if value is None:
                value = counters[position] = other.start
            return formatted(value, "decimal" if own.legal and position != level else other.form)

        return _PLACEHOLDER.sub(shown, own.text) or None

    @staticmethod
    def _level(definition: ListDefinition, overrides: dict[int, Level | int], level: int) -> Level:
        override = overrides.get(level)
        return override if isinstance(override, Level) else definition.levels.get(level) or Level()


def _level(element: etree._Element) -> Level:
    def value(name: str) -> str | None:
        child = element.find(f"{W}{name}")
        return child.get(VAL) if child is not None else None

    start = integer(element.find(f"{W}start"))
    form = value("numFmt")
    if form is None:  # newer Word wraps formats it does not expect everyone to know
        form = next((inner.get(VAL) for inner in element.iter(f"{W}numFmt")), None)
    return Level(
        start=1 if start is None else start,
        form=form or "decimal",
        text=value("lvlText") or "",
        restart=integer(element.find(f"{W}lvlRestart")),
        legal=is_on(element.find(f"{W}isLgl")),
        style=value("pStyle"),
    )
