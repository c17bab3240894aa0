"""Archives other than zip: opened within the same bounds, and what cannot be opened is said plainly."""

from __future__ import annotations

import io
import shutil
import struct
import zlib

import py7zr
import pytest

from tasks.intake.limits import Limits
from tasks.intake.unpack import Package, open_file

LIMITS = Limits(file_bytes=200_000, total_bytes=1_000_000, files=20)
needs_unar = pytest.mark.skipif(
    not (shutil.which("unar") or shutil.which("unrar")), reason="neither unar nor unrar is installed"
)


def seven(*members: tuple[str, bytes], **options: object) -> bytes:
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w", **options) as archive:
        for name, content in members:
            archive.writestr(content, name)
    return packed.getvalue()


def _block(kind: int, flags: int, body: bytes, content: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + content


def rar(*members: tuple[bytes, bytes], encrypted: bool = False) -> bytes:
    """A rar of version 4 with stored files, as old programs write it: names as the bytes they were given."""
    found = b"Rar!\x1a\x07\x00" + _block(0x73, 0, b"\0" * 6)
    for name, content in members:
        size, digest = len(content), zlib.crc32(content)
        head = struct.pack("<LLBLLBBHL", size, size, 2, digest, 0x5A6B4A21, 20, 0x30, len(name), 0x20) + name
        found += _block(0x74, 0x8004 if encrypted else 0x8000, head, content)
    return found + _block(0x7B, 0x4000, b"")


def names(package: Package) -> list[str]:
    return [file.name for file in package.files]


def reasons(package: Package) -> str:
    return "".join(one.reason for one in package.set_aside)


def test_a_7z_is_opened_and_its_litter_passed_over():
    package = open_file(
        "材料.7z", seven(("绩效/自评报告.docx", b"r"), ("__MACOSX/._x", b"x"), ("~$r.docx", b"x")), LIMITS
    )
    assert (names(package), package.set_aside) == (["自评报告.docx"], ())
    assert package.files[0].content == b"r"


@needs_unar
def test_a_rar_with_names_in_gbk_or_utf8_is_opened():
    gbk = [name.encode("gbk") for name in ("自评报告.docx", "材料\\表.xlsx", "评价.docx")]
    package = open_file("材料.rar", rar(*((name, b"r") for name in (*gbk, "附件.docx".encode()))), LIMITS)
    assert names(package) == ["自评报告.docx", "表.xlsx", "评价.docx", "附件.docx"]


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(seven(("查看.exe", b"MZ"), ("a.docx", b"r")), id="7z"),
        pytest.param(rar((b"x.exe", b"MZ")), id="rar", marks=needs_unar),
    ],
)
def test_a_program_in_it_keeps_the_whole_delivery_out(packed):
    package = open_file("材料", packed, LIMITS)
    assert (package.files, "可能危险" in (package.refusal or "")) == ((), True)


@pytest.mark.parametrize(
    "packed",
    [
        seven(("a.docx", b"r"), password="x"),
        seven(("a.docx", b"r"), password="x", header_encryption=True),
        rar((b"a.docx", b"r"), encrypted=True),
    ],
    ids=["7z", "7z with its names", "rar"],
)
def test_a_password_is_explained(packed):
    package = open_file("材料", packed, LIMITS)
    assert (package.files, package.refusal) == ((), None)
    assert "压缩包设有密码" in reasons(package)


@pytest.mark.parametrize(
    "packed",
    [seven(("a.docx", b"\0" * 2_000_000)), seven(*((f"{n}.docx", b"r") for n in range(201)))],
    ids=["size", "number"],
)
def test_a_bomb_is_refused_from_its_directory(packed):
    assert "超出限制" in (open_file("材料.7z", packed, LIMITS).refusal or "")


def test_a_large_member_is_named_and_the_others_are_used():
    package = open_file("材料.7z", seven(("大.docx", b"\0" * 300_000), ("小.docx", b"r")), LIMITS)
    assert (names(package), [s.name for s in package.set_aside]) == (["小.docx"], ["大.docx"])


@needs_unar
def test_archives_of_both_kinds_in_one_another_are_opened_to_the_same_bound():
    inner = seven(("第二层.docx", b"r"), ("三.7z", seven(("第三层.docx", b"r"))))
    package = open_file("一.rar", rar((b"2.7z", inner)), LIMITS)
    assert names(package) == ["第二层.docx"]
    assert "嵌套超过2层" in reasons(package)


@pytest.mark.parametrize(
    "packed", [seven(("a.docx", b"r" * 500))[:-30], rar((b"a.docx", b"r"))[:40]], ids=["7z", "rar"]
)
def test_a_damaged_one_is_explained(packed):
    package = open_file("材料", packed, LIMITS)
    assert (package.files, "已损坏" in reasons(package)) == ((), True)


def test_an_empty_one_is_explained():
    assert "没有文件" in reasons(open_file("材料.7z", seven(), LIMITS))


def test_a_missing_tool_is_said_and_what_to_do_instead(monkeypatch, tmp_path):
    from tasks.reading import sandbox

    with monkeypatch.context() as patch:
        # The unpacking process inherits the path it finds its tool by.
        patch.setenv("PATH", str(tmp_path))
        patch.setattr(sandbox, "_pools", {})
        package = open_file("材料.rar", rar((b"a.docx", b"r")), LIMITS)
        sandbox.shared_pool().close()
    assert (package.files, package.refusal) == ((), None)
    assert "请改用zip格式压缩" in reasons(package)
