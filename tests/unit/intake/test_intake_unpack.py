"""Opening deliveries: what counts as a document, what is ignored, what is refused, and what names look like."""

from __future__ import annotations

import io
import random
import time
import zipfile
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.intake.limits import Limits
from tasks.intake.unpack import Package, open_file, open_message

LIMITS = Limits(file_bytes=200_000, total_bytes=1_000_000, files=20)


def raw_mail(
    part_headers: bytes, body: bytes = b"QUJD", subject: bytes = b"x", sender: bytes = b"a@b.example"
) -> bytes:
    return b"\r\n".join(
        [
            b"From: " + sender,
            b"Subject: " + subject,
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/mixed; boundary="B"',
            b"",
            b"--B",
            b"Content-Type: text/plain; charset=gb2312",
            b"",
            "见附件".encode("gbk"),
            b"--B",
            part_headers,
            b"Content-Transfer-Encoding: base64",
            b"",
            body,
            b"--B--",
            b"",
        ]
    )


def names(package: Package) -> list[str]:
    return [f.name for f in package.files]


GBK = "自评报告.docx".encode("gbk")
OCTETS = b"Content-Type: application/octet-stream"


@pytest.mark.parametrize(
    "headers",
    [
        OCTETS + b'\r\nContent-Disposition: attachment; filename="=?gb2312?B?19TGwLGouOYuZG9jeA==?="',
        OCTETS + b"\r\nContent-Disposition: attachment; filename*=gb2312''%D7%D4%C6%C0%B1%A8%B8%E6.docx",
        OCTETS
        + b"\r\nContent-Disposition: attachment;\r\n filename*0*=utf-8''%E8%87%AA%E8%AF%84;\r\n filename*1*=%E6%8A%A5%E5%91%8A.docx",
        OCTETS + b'\r\nContent-Disposition: attachment; filename="' + GBK + b'"',
        OCTETS + b'; name="' + "自评报告.docx".encode() + b'"\r\nContent-Disposition: attachment',
        OCTETS + b'; name="=?utf-8?B?6Ieq6K+E?=\r\n =?utf-8?B?5oql5ZGKLmRvY3g=?="',
    ],
)
def test_chinese_names_of_all_writings_are_read(headers):
    assert names(open_message(raw_mail(headers), LIMITS)) == ["自评报告.docx"]


def test_a_raw_gbk_subject_and_text_are_read():
    package = open_message(raw_mail(OCTETS, subject="【绩效2025-101】自评".encode("gbk")), LIMITS)
    assert package.subject == "【绩效2025-101】自评"
    assert package.text == "见附件"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        (b"../../etc/cron.d/x.docx", "x.docx"),
        ("报告\u202excod.pdf".encode(), "报告xcod.pdf"),
        (b"=HYPERLINK(1).xlsx", "=HYPERLINK(1).xlsx"),
        (b"a\tb.docx", "a b.docx"),
    ],
)
def test_names_are_only_labels(name, label):
    header = OCTETS + b'\r\nContent-Disposition: attachment; filename="' + name + b'"'
    assert names(open_message(raw_mail(header), LIMITS)) == [label]


def test_pictures_of_the_letter_and_signatures_are_ignored():
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content("正文")
    message.add_alternative("<p>正文 <img src='cid:logo'></p>", subtype="html")
    html = message.get_payload()[1]
    html.add_related(b"\x89PNG" * 20, "image", "png", cid="<logo>", filename="logo.png")
    message.make_mixed()
    message.add_attachment(b"signature", "application", "pkcs7-signature", filename="smime.p7s")
    message.add_attachment(b"BEGIN:VCARD", "text", "x-vcard", filename="me.vcf")
    package = open_message(message.as_bytes(), LIMITS)
    assert (package.files, package.set_aside, package.text) == ((), (), "正文")


def test_a_picture_that_was_attached_is_a_document():
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content("扫描件")
    message.add_attachment(b"\xff\xd8\xff" * 50, "image", "jpeg", filename="第1页.jpg")
    assert names(open_message(message.as_bytes(), LIMITS)) == ["第1页.jpg"]


def test_winmail_dat_is_set_aside_with_what_to_do():
    header = b'Content-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Disposition: attachment; filename="winmail.dat"'
    package = open_message(raw_mail(header), LIMITS)
    assert package.files == ()
    [aside] = package.set_aside
    assert "Outlook" in aside.reason


def test_the_quoted_letter_is_not_the_senders_words():
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content("请核对第3项。\n\n------------------ 原始邮件 ------------------\n发件人: 财政局\n请于4月报送")
    assert open_message(message.as_bytes(), LIMITS).text == "请核对第3项。"


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def test_archives_in_archives_are_opened_to_a_bound():
    inner = zipped({"表.xlsx": b"sheet"})
    middle = zipped({"内.zip": inner})
    outer = zipped({"中.zip": middle, "报告.docx": b"report"})
    package = open_file("材料.zip", outer, LIMITS)
    assert names(package) == ["报告.docx"]
    assert "嵌套" in package.set_aside[0].reason
    assert names(open_file("材料.zip", middle, LIMITS)) == ["表.xlsx"]


def test_an_office_document_is_not_an_archive():
    assert names(open_file("a.docx", zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b""}), LIMITS)) == [
        "a.docx"
    ]


def test_paths_litter_and_links_in_archives_do_nothing():
    package = open_file(
        "m.zip",
        zipped({"../../evil.docx": b"x", "__MACOSX/._a": b"y", "~$报告.docx": b"z", "d/": b"", ".DS_Store": b"q"}),
        LIMITS,
    )
    assert names(package) == ["evil.docx"]


@pytest.mark.parametrize(
    "content",
    [
        zipped({"0.txt": b"0" * 50_000_000}),
        zipped({f"{n}.txt": b"" for n in range(300)}),
        zipped({"a.bin": random.Random(1).randbytes(20_000) * 9, "b.bin": random.Random(2).randbytes(20_000) * 45}),
    ],
    ids=["ratio", "members", "total"],
)
def test_bombs_are_refused_before_they_burst(content):
    package = open_file("材料.zip", content, LIMITS)
    assert package.files == ()
    assert package.refusal


def test_a_lying_archive_is_refused_or_set_aside():
    honest = bytearray(zipped({"a.txt": b"A" * 1000}))
    central = honest.index(b"PK\x01\x02")
    honest[central + 24 : central + 28] = (10).to_bytes(4, "little")
    package = open_file("m.zip", bytes(honest), LIMITS)
    assert package.files == ()
    assert package.refusal or package.set_aside


def test_encrypted_broken_empty_and_oversize_files_are_named_with_reasons():
    locked = bytearray(zipped({"a.txt": b"A" * 100}))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = locked.index(sign) + offset
        locked[at] |= 1
    assert "加密" in open_file("m.zip", bytes(locked), LIMITS).set_aside[0].reason
    assert "空的" in open_file("a.docx", b"", LIMITS).set_aside[0].reason
    assert "大小限制" in open_file("a.docx", b"x" * 200_001, LIMITS).set_aside[0].reason


@pytest.mark.parametrize("name", ["升级.exe", "a.pdf.js", "x.LNK", "宏.vbs"])
def test_programs_keep_the_whole_delivery_out(name):
    package = open_file("m.zip", zipped({name: b"code", "报告.docx": b"r"}), LIMITS)
    assert package.files == ()
    assert name in package.refusal


def test_a_program_is_known_by_its_content():
    assert open_file("报告.docx", b"MZ\x90\x00", LIMITS).refusal


def test_a_forged_sender_found_by_our_server_is_marked():
    raw = b"Authentication-Results: mx.czj.example; spf=fail; dmarc=fail\r\n" + raw_mail(OCTETS)
    assert open_message(raw, LIMITS).forged
    later = (
        b"Authentication-Results: mx.czj.example; spf=pass\r\nAuthentication-Results: evil; dmarc=fail\r\n"
        + raw_mail(OCTETS)
    )
    assert not open_message(later, LIMITS).forged


def test_a_deeply_nested_mail_is_refused():
    raw = b"hello"
    for _ in range(40):
        raw = b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" + raw
    assert open_message(raw, LIMITS).refusal


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_opening_fail(junk):
    assert isinstance(open_message(b"From: a@b.example\r\n" + junk, LIMITS), Package)
    assert isinstance(open_message(raw_mail(junk), LIMITS), Package)
    assert isinstance(open_file("x.zip", b"PK\x03\x04" + junk, LIMITS), Package)


@pytest.mark.parametrize(
    "raw",
    [
        raw_mail(OCTETS, subject=b"=?" * 2_000_000),
        raw_mail(OCTETS, sender=b'"(' * 1_000_000 + b"a@b.example"),
        raw_mail(OCTETS + b'; name="' + b'";' * 1_000_000),
        b"From: a@b.example\r\n" + b"X: y\r\n" * 300_000 + b"\r\nbody",
        b"".join(b"Content-Type: multipart/mixed; boundary=B%d\r\n\r\n--B%d\r\n" % (n, n) for n in range(4000)),
        raw_mail(OCTETS + b"\r\n\r\nQQ==\r\n" + (b"--B\r\n" + OCTETS + b"\r\n\r\nQQ==\r\n") * 20_000),
    ],
    ids=["subject", "sender", "parameters", "headers", "nesting", "parts"],
)
def test_headers_and_parts_made_to_waste_time_do_not(raw):
    started = time.process_time()
    assert isinstance(open_message(raw, LIMITS), Package)
    assert time.process_time() - started < 10
