"""Mails made to stop, cheat or exhaust the reader: each is read in bounded time or explained, and hides nothing."""

from __future__ import annotations

import base64
import io
import struct
import time
import zipfile

import pytest

from tasks.intake.bounces import Fate
from tasks.intake.limits import Limits
from tasks.intake.unpack import Package, open_file, open_message

LIMITS = Limits(file_bytes=2_000_000, total_bytes=5_000_000, files=20)


def mail(
    *parts: bytes,
    sender: bytes = b"d101@qh.example",
    heads: bytes = b"",
    top: bytes = b'multipart/mixed; boundary="B"',
    end: bytes = b"--B--\r\n",
) -> bytes:
    head = (
        b"From: " + sender + b"\r\nSubject: x\r\n" + heads + b"MIME-Version: 1.0\r\nContent-Type: " + top + b"\r\n\r\n"
    )
    return head + b"".join(b"--B\r\n" + part + b"\r\n" for part in parts) + end


def attached(name: bytes, content: bytes = b"report", kind: bytes = b"application/octet-stream") -> bytes:
    heads = b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: base64\r\n"
    return heads + b'Content-Disposition: attachment; filename="' + name + b'"\r\n\r\n' + base64.encodebytes(content)


def words(content: bytes, kind: bytes = b"text/plain") -> bytes:
    return b"Content-Type: " + kind + b"\r\n\r\n" + content


def opened(*parts: bytes, **options: bytes) -> Package:
    return open_message(mail(*parts, **options), LIMITS)


def names(package: Package) -> list[str]:
    return [file.name for file in package.files]


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    "part",
    [
        words(b"\n" * 200_000),
        words(b"<!--" * 50_000, b"text/html"),
        words(b"<a " * 60_000, b"text/html"),
        words(b"<script>" * 30_000, b"text/html"),
        words(b"<![CDATA[" * 20_000, b"text/html"),
        words(b"&#" * 90_000, b"text/html"),
    ],
    ids=["blank lines", "comments", "tags", "scripts", "sections", "entities"],
)
def test_words_that_never_end_are_read_in_a_moment(part):
    started = time.process_time()
    package = opened(*[part] * 20, attached(b"a.docx"))
    assert time.process_time() - started < 3
    assert names(package) == ["a.docx"]


def test_the_words_of_a_page_are_read_without_its_styles():
    page = b"<html><head><style>p{color:red}</style></head><p>&#35831;&nbsp;<b>\xe6\x9f\xa5\xe6\x94\xb6</b></p><!-- x > y -->"
    assert opened(words(page + b"<div>\xe8\xb0\xa2\xe8\xb0\xa2", b"text/html")).text == "请 查收\n\n谢谢"


@pytest.mark.parametrize("charset", [b"undefined", b'"a\0b"', b"idna", b"punycode", b"rot13", b"no-such", b"base64"])
def test_a_false_character_set_loses_neither_words_nor_files(charset):
    package = opened(words("请查收".encode(), b"text/plain; charset=" + charset), attached(b"a.docx"))
    assert (names(package), package.text, package.senders) == (["a.docx"], "请查收", ("d101@qh.example",))


@pytest.mark.parametrize("charset", [b"iso-8859-1", b"us-ascii", b"windows-1252", b"gb2312", b"x-unknown"])
def test_chinese_under_a_habitual_label_is_read(charset):
    assert opened(words("请查收材料".encode("gbk"), b"text/plain; charset=" + charset)).text == "请查收材料"


def test_a_zip_broken_inside_is_explained_whatever_it_was_packed_with():
    for compression in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED):
        content = bytes(range(256)) * 20
        packed = bytearray(zipped({"a.docx": content}, compression))
        start = packed.find(b"a.docx") + 6
        packed[start + 4 : start + 60] = b"\xff" * 56
        package = open_file("材料.zip", bytes(packed), LIMITS)
        assert (package.files, "已损坏" in package.set_aside[0].reason) == ((), True)


def test_a_directory_of_a_million_entries_is_not_even_listed():
    entry = b"PK\x01\x02" + b"\0" * 24 + struct.pack("<H", 1) + b"\0" * 16 + b"a"
    directory = entry * 40_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 34, 0)
    started = time.process_time()
    package = open_file("材料.zip", b"PK\x03\x04" + b"\0" * 30 + directory + end, LIMITS)
    assert "目录异常庞大" in (package.refusal or "")
    assert time.process_time() - started < 0.5


def test_an_empty_zip_is_no_material():
    package = open_file("材料.zip", zipped({}), LIMITS)
    assert (package.files, "没有文件" in package.set_aside[0].reason) == ((), True)


@pytest.mark.parametrize(
    "content",
    [
        zipped({"[Content_Types].xml": b"x", "word/vbaProject.bin": b"x"}),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "_VBA_PROJECT".encode("utf-16-le"),
    ],
    ids=["new format", "old format"],
)
def test_a_document_with_macros_is_set_aside_and_the_others_are_used(content):
    package = opened(attached("报告.docx".encode(), content), attached(b"b.docx"))
    assert names(package) == ["b.docx"]
    assert "不含宏" in package.set_aside[0].reason


def test_a_program_with_full_width_letters_in_its_suffix_is_a_program():
    assert "危险" in (opened(attached("报告.ｅｘｅ".encode())).refusal or "")


def test_the_icon_half_of_a_file_from_a_mac_is_not_a_document():
    halves = b'Content-Type: multipart/appledouble; boundary="C"\r\n\r\n--C\r\n'
    halves += (
        attached(b"a.docx", b"icon", b"application/applefile") + b"\r\n--C\r\n" + attached(b"a.docx") + b"\r\n--C--"
    )
    assert [f.content for f in opened(halves).files] == [b"report"]


def test_a_mail_without_its_end_says_that_something_may_be_missing():
    package = opened(attached(b"a.docx"), end=b"")
    assert (names(package), [s.name for s in package.set_aside]) == (["a.docx"], ["邮件末尾"])
    assert opened(attached(b"a.docx")).set_aside == ()


def test_a_forwarded_mail_that_was_encoded_is_opened():
    inner = base64.encodebytes(mail(attached(b"inside.docx")))
    assert names(opened(b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + inner)) == [
        "inside.docx"
    ]


@pytest.mark.parametrize(
    "sender",
    [b"d101@qh.example\0", b"=?utf-8?Q?d101?=@qh.example", b"d101@qh.example\xe2\x80\x8b", "d101@qh.exаmple".encode()],
    ids=["NUL", "encoded word", "zero width", "look-alike letter"],
)
def test_no_address_turns_into_a_registered_one_by_cleaning(sender):
    package = opened(attached(b"a.docx"), sender=sender)
    assert "d101@qh.example" not in package.senders
    assert all(one.isprintable() for one in package.senders)


@pytest.mark.parametrize(
    ("heads", "files", "automatic"),
    [
        (b"Auto-Submitted: auto-replied (vacation)\r\n", False, True),
        (b"Auto-Submitted: auto-replied\r\n", True, True),
        (b"Auto-Submitted: auto-generated\r\n", False, False),
        (b"Auto-Submitted: auto-generated\r\n", True, False),
        (b"Auto-Submitted: no\r\n", False, False),
        (b"Precedence: auto_reply\r\n", False, True),
        (b"Return-Path: <>\r\n", False, True),
        (b"Return-Path: <>\r\n", True, False),
    ],
)
def test_programs_are_told_from_people(heads, files, automatic):
    parts = (words(b"hello"), attached(b"a.docx")) if files else (words(b"hello"),)
    assert opened(*parts, heads=heads).automatic is automatic


def report(*blocks: bytes, extra: bytes = b"") -> Package:
    status = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n" + b"\r\n".join(blocks)
    return opened(
        words(b"sorry"), status, extra or words(b"<notice.1@czj.example>"), sender=b"mailer-daemon@mx.example"
    )


def block(action: bytes, address: bytes, words: bytes = b"") -> bytes:
    return (
        b"Final-Recipient: rfc822; "
        + address
        + b"\r\nAction: "
        + action
        + b"\r\nDiagnostic-Code: smtp; "
        + words
        + b"\r\n"
    )


@pytest.mark.parametrize(
    ("actions", "fate"),
    [
        ((b"failed",), Fate.FAILED),
        ((b"delayed",), Fate.DELAYED),
        ((b"relayed",), Fate.DELIVERED),
        ((b"Delivered",), Fate.DELIVERED),
        ((b"delivered", b"failed"), Fate.FAILED),
        ((b"delayed", b"delivered"), Fate.DELAYED),
        ((b"anything else",), Fate.FAILED),
    ],
)
def test_the_worst_of_a_delivery_report_is_told(actions, fate):
    bounce = report(*(block(a, b"d%d@qh.example" % n, b"because " + a) for n, a in enumerate(actions))).bounce
    assert bounce is not None
    assert (bounce.fate, bounce.message_ids) == (fate, ("<notice.1@czj.example>",))


def test_the_letter_is_found_inside_an_encoded_original():
    original = base64.encodebytes(b"Message-ID: <notice.77@czj.example>\r\n\r\n")
    extra = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + original
    bounce = report(block(b"failed", b"d1@qh.example", b"550 no"), extra=extra).bounce
    assert bounce is not None
    assert (bounce.message_ids, bounce.addresses) == (("<notice.77@czj.example>",), ("d1@qh.example",))


def test_a_providers_own_words_are_understood():
    page = "<p>您的邮件被退回</p><p>收件人：d105@qh.example</p><p>退信原因：550 User not found，收件人不存在</p>"
    bounce = opened(words(page.encode("gbk"), b"text/html; charset=gbk"), sender=b"PostMaster@mail.example").bounce
    assert bounce is not None
    assert (bounce.fate, bounce.addresses, bounce.standard) == (Fate.FAILED, ("d105@qh.example",), False)
    assert "收件人不存在" in bounce.reason
    late = opened(words("邮件暂未送达，系统仍在尝试投递".encode()), sender=b"postmaster@mail.example").bounce
    assert late is not None
    assert late.fate is Fate.DELAYED


@pytest.mark.parametrize(("word", "fate"), [(b"displayed", Fate.READ), (b"deleted", Fate.DELETED)])
def test_a_read_receipt_is_no_material(word, fate):
    notification = (
        b"Content-Type: message/disposition-notification\r\n\r\nOriginal-Message-ID: <notice.1@czj.example>\r\n"
    )
    notification += b"Disposition: manual-action/MDN-sent-manually; " + word + b"\r\n"
    package = opened(words(b"read"), notification, attached(b"original.docx"))
    assert package.bounce is not None
    assert (package.bounce.fate, package.bounce.message_ids, package.files) == (fate, ("<notice.1@czj.example>",), ())


def test_a_report_that_names_a_hundred_thousand_letters_names_few():
    flood = b"\n".join(b"<%08d@x.example>" % n for n in range(100_000))
    bounce = opened(words(flood), sender=b"postmaster@qh.example").bounce
    assert bounce is not None
    assert len(bounce.message_ids) <= 200
