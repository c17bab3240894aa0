"""The roster: every broken row is named, and nothing is half imported."""

from __future__ import annotations

from pathlib import Path

import pytest
import writing_samples as samples

from models.states import ContactRole
from tasks.writing.roster_workbook import (
    RosterContact,
    RosterDepartment,
    RosterImport,
    read_roster,
    write_roster_template,
)

HEAD = "部门编码,部门名称,简称,部门类别,涉密,联系人,角色,邮箱,项目"


def csv_of(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\n".join((HEAD, *rows)).encode(encoding)


def test_a_roster_comes_back_as_it_was_written(tmp_path: Path) -> None:
    departments = (
        RosterDepartment(
            code="101",
            name="青禾县水务局",
            short_names=("水务局", "县水务局"),
            stratum="农林水",
            contacts=(
                RosterContact(name="周一", role=ContactRole.HANDLER, address="a@sw.example"),
                RosterContact(name="吴二", role=ContactRole.LEADER, address="b@sw.example"),
            ),
            projects=("渠道维修、养护项目", '=HYPERLINK("x")'),
        ),
        RosterDepartment(code="102", name="青禾县保密局", stratum="党政机关", withheld=True),
    )
    path = tmp_path / "roster.xlsx"
    path.write_bytes(write_roster_template(departments))
    assert read_roster(path) == RosterImport(departments=departments, problems=(), without_address=("102",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_every_encoding_that_offices_use(encoding: str) -> None:
    content = csv_of("101,青禾县水务局,,农林水,,周一,经办人,a@sw.example,项目甲；项目乙", encoding=encoding)
    (department,) = read_roster(content).departments
    assert department.name == "青禾县水务局" and department.projects == ("项目甲", "项目乙")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((",青禾县水务局,,农林水,,,,,",), "第2行：部门编码为空"),
        (("1 0,青禾县水务局,,农林水,,,,,",), "第2行：部门编码“1 0”无效"),
        (("101,甲局,,农林水,,,,,", "101,乙局,,农林水,,,,,"), "第3行：部门编码“101”在第2行的部门名称为“甲局”"),
        (("101,甲局,,农林水,,,,,", "102,甲局,,农林水,,,,,"), "第3行：部门名称“甲局”与第2行（编码101）重复"),
        (("101,甲局,,农林水,,周一,科长,a@b.example,",), "第2行：角色“科长”无法识别"),
        (("101,甲局,,农林水,,周一,经办人,a@b,",), "第2行：邮箱“a@b”不是有效的电子邮件地址"),
        (("101,甲局,,农林水,,周一,经办人,a＠b.example,",), "邮箱“a＠b.example”不是有效"),
        (("101,甲局,,农林水,,,经办人,a@b.example,",), "第2行：填写了角色或邮箱，但没有联系人姓名"),
        (("101,甲局,,农林水,,一,经办人,a@b.example,", "101,,,,,二,经办人,A@b.example,"), "第3行：邮箱“A@b.example”在该部门中重复"),
        (("101,,,农林水,,,,,",), "第2行：部门“101”没有名称"),
        (("101,甲局,,,,,,,",), "第2行：部门“甲局”没有部门类别"),
        (("101,甲局,,农林水,保密,,,,",), "第2行：“涉密”一栏为“保密”"),
        (("101," + "长" * 121 + ",,农林水,,,,,",), "第2行：“部门名称”超过120个字"),
        ((), "没有任何部门"),
    ],
)  # fmt: skip
def test_every_broken_row_is_named_and_nothing_is_imported(rows: tuple[str, ...], words: str) -> None:
    told = read_roster(csv_of(*rows))
    assert any(words in problem for problem in told.problems), told.problems
    assert told.departments == ()


def test_a_missing_heading_is_named() -> None:
    assert "缺少表头：部门类别" in read_roster("部门编码,部门名称,简称,联系人,角色,邮箱,项目\n".encode()).problems[0]


def test_damaged_files_are_refused_with_a_sentence() -> None:
    for content in (b"", b"PK\x03\x04", b"\xff\xfe\x00\x81", samples.saved_empty()):
        told = read_roster(content)
        assert told.departments == () and len(told.problems) == 1 and "请" in told.problems[0]
