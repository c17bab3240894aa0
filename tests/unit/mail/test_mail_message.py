"""The mail as it goes over the wire, parsed back as a strict client would."""

from __future__ import annotations

import email
import email.policy
import email.utils
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tasks import clock
from tasks.mail.cleaning import file_label, one_line
from tasks.mail.smtp import Mail, build
from tasks.settings import Settings

SETTINGS = Settings(home=Path("unused"), mail_from="pingjia@czj.example", mail_from_name='青禾县"财政局"\\评价股')


def parsed(**values):
    base = {
        "to_name": "经办101",
        "to_address": "d101@qh.example",
        "subject": "【绩效2025-101】通知",
        "html": "<!DOCTYPE html>\n<html><body>\n<p>正文</p>\n</body></html>\n",
        "text": "正文\n第二行\n",
        "message_id": "<2025.101.notice.1.0@czj.example>",
    }
    raw = build(SETTINGS, Mail(**(base | values)))
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    raw.decode("ascii")
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_both_parts_arrive_as_they_were_composed():
    mail = parsed()
    assert (
        mail.get_body(("html",))
        .get_content()
        .replace("\r\n", "\n")
        .startswith("<!DOCTYPE html>\n<html><body>\n<p>正文</p>")
    )
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == "正文\n第二行\n"
    assert mail["Message-ID"] == "<2025.101.notice.1.0@czj.example>"
    assert mail["From"].addresses[0].addr_spec == "pingjia@czj.example"
    assert mail["From"].addresses[0].display_name == "青禾县财政局评价股"


def test_the_date_is_the_bureaus_clock():
    with clock.fixed(datetime(2026, 4, 10, 4, 0, tzinfo=UTC)):
        assert parsed()["Date"].datetime.isoformat() == "2026-04-10T12:00:00+08:00"


@pytest.mark.parametrize(
    "suffix", ["docx", "xlsx", "pdf", "ofd", "wps", "txt", "csv", "png", "eml", "html", "zip", "无此类型"]
)
def test_every_kind_of_file_is_an_attachment_with_its_name_and_bytes(suffix):
    content = bytes(range(256)) * 3
    mail = parsed(attachments=[(f"附件 1（正式）.{suffix}", content)])
    [part] = mail.iter_attachments()
    assert part.get_filename() == f"附件 1（正式）.{suffix}"
    assert part.get_content_disposition() == "attachment"
    assert part.get_payload(decode=True) == content
    assert part.get_content_maintype() not in {"none", "message", "multipart"}


def test_older_clients_find_the_name_in_the_type():
    raw = build(
        SETTINGS,
        Mail("a", "a@b.example", "s", "<p>h</p>", "t", "<1@x>", [("自评表.xlsx", b"PK")]),
    ).decode()
    assert re.search(r'name="=\?utf-8\?b\?[A-Za-z0-9+/=]+\?="', raw)
    assert "filename*=utf-8''%E8%87%AA%E8%AF%84%E8%A1%A8.xlsx" in raw


text = st.text(min_size=1, max_size=60)


@effort(max_examples=150, deadline=None)
@given(subject=text, to_name=text, name=text)
def test_no_words_break_out_of_their_header(subject, to_name, name):
    mail = parsed(subject=subject, to_name=to_name, attachments=[(name, b"x")])
    assert [k.lower() for k in mail].count("subject") <= 1
    assert {k.lower() for k in mail} <= {
        "content-type", "mime-version", "date", "auto-submitted", "x-auto-response-suppress", "subject", "from", "to", "message-id"
    }  # fmt: skip
    [address] = mail["To"].addresses
    assert address.addr_spec == "d101@qh.example"
    [part] = mail.iter_attachments()
    assert part.get_filename() == file_label(name)
    assert one_line(str(mail["Subject"] or "")) == one_line(subject)


LONG = "青禾县农业农村和水利事业发展服务中心部门整体支出绩效自评工作簿（含项目支出绩效目标完成情况）" * 4


@pytest.mark.parametrize("length", [5, 60, 99, 100, 101, 170])
def test_a_name_of_any_length_arrives_in_lines_that_every_server_takes(length):
    name = LONG[:length] + ".xlsx"
    [attached] = parsed(attachments=[(name, b"x")]).iter_attachments()
    assert attached.get_filename() == name
    assert attached.get_param("name") == name
    assert attached["Content-Disposition"].defects == ()
    old_reader = email.message_from_bytes(bytes(parsed(attachments=[(name, b"x")])))
    [part] = [one for one in old_reader.walk() if one.get_filename()]
    assert email.utils.collapse_rfc2231_value(part.get_param("filename", header="content-disposition")) == name


def test_a_long_subject_arrives_in_encoded_words_that_end_with_a_character():
    subject = "【绩效2025-101】" + LONG[:180]
    mail = parsed(subject=subject)
    assert (mail["Subject"], mail["Subject"].defects) == (subject, ())


def test_programs_are_asked_not_to_answer_and_nobody_else_is_addressed():
    mail = parsed()
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "OOF, AutoReply")
    assert [str(mail[name]) for name in ("Cc", "Bcc", "Reply-To", "Sender")] == ["None"] * 4
    assert [a.addr_spec for a in mail["To"].addresses] == ["d101@qh.example"]
