"""The roster as a workbook or CSV file (部门名册): the template, and what comes back.

One row per contact. The first row of a department carries its name, class and projects; further contacts repeat the
code and may leave the rest blank. Every broken row is named; with any problem nothing is imported.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.document import Frozen
from models.states import ContactRole
from tasks.mail.cleaning import valid_address
from tasks.writing.opened import UnreadableWorkbookError, opened, text_of
from tasks.writing.sheets import (
    choice,
    comment,
    finished_workbook,
    new_workbook,
    printable,
    put,
    widths,
)
from tasks.writing.word_text import clean

SHEET = "部门名册"
COLUMNS: dict[str, str] = {
    "部门编码": "部门预算编码，全表唯一；同一部门有多名联系人时，每人一行，编码相同。",
    "部门名称": "规范全称；同一部门的后续行可以空白。",
    "简称": "报告和邮件中可能使用的简称，多个用分号隔开。",
    "部门类别": "抽查分层使用的类别，如党政机关、教育、卫生；同一部门的后续行可以空白。",
    "涉密": "涉密部门填“是”，结果不对外公开；其余填“否”或者空白。",
    "联系人": "联系人姓名。",
    "角色": "经办人或者分管领导。",
    "邮箱": "接收通知的电子邮箱。",
    "项目": "该部门的项目名称，多个用分号隔开；可以空白。",
}
_ROLES = {role.label: role for role in ContactRole}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,63}")
_CODE = re.compile(r"[0-9A-Za-z_-]{1,20}")
_LONGEST = {"部门名称": 120, "部门类别": 40, "联系人": 40, "邮箱": 254}
_MOST_ROWS = 5_000


class RosterContact(Frozen):
    """A contact of a department (联系人)."""

    name: str
    role: ContactRole
    address: str


class RosterDepartment(Frozen):
    """A department as the roster gives it (名册中的部门)."""

    code: str
    name: str
    short_names: tuple[str, ...] = ()
    stratum: str
    contacts: tuple[RosterContact, ...] = ()
    projects: tuple[str, ...] = ()
    withheld: bool = False


class RosterImport(Frozen):
    """What a roster says (名册导入结果); with any problem ``departments`` is empty.

    ``without_address`` are codes of departments nobody can be written to: allowed here, decided before the notice.
    """

    departments: tuple[RosterDepartment, ...]
    problems: tuple[str, ...]
    without_address: tuple[str, ...] = ()


@dataclass
class _Draft:
    row: int
    name: str = ""
    stratum: str = ""
    withheld: bool = False
    short_names: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    contacts: list[RosterContact] = field(default_factory=list)


def write_roster_template(departments: tuple[RosterDepartment, ...] = (), author: str = "财政局") -> bytes:
    """The roster's template (部门名册模板, .xlsx), filled with the departments that are already known."""
    book = new_workbook("部门名册", author)
    sheet = book.create_sheet(SHEET)
    for column, (label, help_text) in enumerate(COLUMNS.items(), 1):
        comment(put(sheet, 1, column, label, style="head"), help_text)
    row = 2
    for department in departments:
        for number, contact in enumerate(department.contacts or (None,)):
            for column, text in enumerate(_row_texts(department, contact, first=number == 0), 1):
                put(sheet, row, column, text, style="input_text")
            row += 1
    for blank_row in range(row, row + 200):
        for column in range(1, len(COLUMNS) + 1):
            put(sheet, blank_row, column, None, style="input_text")
            sheet.cell(blank_row, column).number_format = "@"
    choice(sheet, f"E2:E{row + 199}", ("是", "否"))
    choice(sheet, f"G2:G{row + 199}", tuple(_ROLES))
    widths(sheet, (12, 28, 18, 14, 8, 12, 12, 30, 50))
    sheet.freeze_panes = "C2"
    printable(sheet, header_row=1)
    return finished_workbook(book)


def _row_texts(department: RosterDepartment, contact: RosterContact | None, *, first: bool) -> list[str]:
    person = [contact.name, contact.role.label, contact.address] if contact else ["", "", ""]
    if not first:
        return [department.code, "", "", "", "", *person, ""]
    shared = [department.code, department.name, "；".join(department.short_names), department.stratum]
    return [*shared, "是" if department.withheld else "否", *person, "；".join(department.projects)]


def read_roster(source: bytes | Path) -> RosterImport:
    """Read a roster (导入部门名册) from an .xlsx or a CSV file (UTF-8 or GB 18030), told apart by content."""
    content = source.read_bytes() if isinstance(source, Path) else source
    try:
        rows = list(_workbook_rows(content) if content.startswith((b"PK", b"\xd0\xcf")) else _csv_rows(content))
    except UnreadableWorkbookError as error:
        return RosterImport(departments=(), problems=(str(error),))
    problems: list[str] = []
    drafts: dict[str, _Draft] = {}
    for number, row in rows:
        if any(row.values()):
            _take_row(number, row, drafts, problems)
    _check_names(drafts, problems)
    if not drafts and not problems:
        problems.append("名册中没有任何部门，请填写后重新导入。")
    if problems:
        return RosterImport(departments=(), problems=tuple(problems))
    departments = tuple(_department(code, draft) for code, draft in drafts.items())
    silent = tuple(department.code for department in departments if not department.contacts)
    return RosterImport(departments=departments, problems=(), without_address=silent)


def _department(code: str, draft: _Draft) -> RosterDepartment:
    return RosterDepartment(
        code=code,
        name=draft.name,
        short_names=tuple(dict.fromkeys(draft.short_names)),
        stratum=draft.stratum,
        contacts=tuple(draft.contacts),
        projects=tuple(dict.fromkeys(draft.projects)),
        withheld=draft.withheld,
    )


def _workbook_rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    book = opened(content)
    name = SHEET if SHEET in book.values.sheetnames else book.values.sheetnames[0]
    sheet = book.sheet(name)
    head = [text_of(cell.value) for cell in sheet[1]]
    _check_head(head)
    for number, cells in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2):
        yield number, {label: text_of(value) for label, value in zip(head, cells, strict=False) if label in COLUMNS}


def _csv_rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    text = _decoded(content)
    try:
        lines = list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        raise UnreadableWorkbookError("名册文件的格式有误，请另存为xlsx或者csv后重新导入。") from error
    if not lines:
        raise UnreadableWorkbookError("名册文件是空的，请填写后重新导入。")
    if len(lines) > _MOST_ROWS:
        raise UnreadableWorkbookError(f"名册超过{_MOST_ROWS}行，请检查文件是否有误。")
    head = [cell.strip() for cell in lines[0]]
    _check_head(head)
    for number, cells in enumerate(lines[1:], 2):
        pairs = zip(head, cells, strict=False)
        yield number, {label: clean(value).strip() for label, value in pairs if label in COLUMNS}


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableWorkbookError("名册文件的文字编码无法识别，请另存为xlsx或者UTF-8编码的csv后重新导入。")


def _check_head(head: list[str]) -> None:
    missing = [label for label in COLUMNS if label not in head and label != "涉密"]
    if missing:
        raise UnreadableWorkbookError(f"名册第1行缺少表头：{'、'.join(missing)}。请使用系统生成的名册模板。")


def _split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;；\n]", text) if part.strip()]


def _take_row(number: int, row: Mapping[str, str], drafts: dict[str, _Draft], problems: list[str]) -> None:
    """Add one row to its department (登记一行), or say what is wrong with it."""
    code = row.get("部门编码", "")
    if not _CODE.fullmatch(code):
        shown = f"“{code[:40]}”无效" if code else "为空"
        problems.append(f"第{number}行：部门编码{shown}，请填写不超过20位的数字或字母。")
        return
    for label, longest in _LONGEST.items():
        if len(row.get(label, "")) > longest:
            problems.append(f"第{number}行：“{label}”超过{longest}个字，请缩短。")
            return
    draft = drafts.setdefault(code, _Draft(number))
    _take_shared(number, code, row, draft, problems)
    contact = _contact(number, row, draft, problems)
    if contact is not None:
        draft.contacts.append(contact)
    draft.short_names += _split(row.get("简称", ""))
    draft.projects += _split(row.get("项目", ""))


def _take_shared(number: int, code: str, row: Mapping[str, str], draft: _Draft, problems: list[str]) -> None:
    for label, attribute in (("部门名称", "name"), ("部门类别", "stratum")):
        text, before = row.get(label, ""), getattr(draft, attribute)
        if text and before and text != before:
            problems.append(
                f"第{number}行：部门编码“{code}”在第{draft.row}行的{label}为“{before}”，此处为“{text}”，"
                "编码重复或者填写不一致，请核对。"
            )
            continue
        if text:
            setattr(draft, attribute, text)
    classified = row.get("涉密", "")
    if classified not in {"", "是", "否"}:
        problems.append(f"第{number}行：“涉密”一栏为“{classified[:20]}”，只能填写“是”或“否”。")
    draft.withheld = draft.withheld or classified == "是"


def _contact(number: int, row: Mapping[str, str], draft: _Draft, problems: list[str]) -> RosterContact | None:
    name, role, address = (row.get(label, "") for label in ("联系人", "角色", "邮箱"))
    if not (name or role or address):
        return None
    before = len(problems)
    if not name:
        problems.append(f"第{number}行：填写了角色或邮箱，但没有联系人姓名，请补填。")
    if role not in _ROLES:
        problems.append(
            f"第{number}行：角色“{role[:20]}”无法识别，请填写{'或'.join(f'“{label}”' for label in _ROLES)}。"
        )
    if not _ADDRESS.fullmatch(address) or not valid_address(address):
        problems.append(f"第{number}行：邮箱“{address[:60]}”不是有效的电子邮件地址，请核对。")
    if any(contact.address.lower() == address.lower() for contact in draft.contacts):
        problems.append(f"第{number}行：邮箱“{address[:60]}”在该部门中重复，请删除多余的行。")
    return None if len(problems) > before else RosterContact(name=name, role=_ROLES[role], address=address)


def _check_names(drafts: Mapping[str, _Draft], problems: list[str]) -> None:
    owners: dict[str, tuple[str, int]] = {}
    for code, draft in drafts.items():
        if not draft.name:
            problems.append(f"第{draft.row}行：部门“{code}”没有名称，请补填部门名称。")
            continue
        if not draft.stratum:
            problems.append(f"第{draft.row}行：部门“{draft.name}”没有部门类别，请补填。")
        if draft.name in owners:
            other, row = owners[draft.name]
            problems.append(f"第{draft.row}行：部门名称“{draft.name}”与第{row}行（编码{other}）重复，请核对。")
        owners.setdefault(draft.name, (code, draft.row))
