"""Every kind of letter: complete, escaped, mobile-readable, loading nothing from elsewhere."""

from __future__ import annotations

import html.parser
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from jinja2 import UndefinedError
from pydantic import ValidationError

from models.records import Cycle, Department
from models.states import LetterKind
from tasks import settings
from tasks.mail import contexts as c
from tasks.mail.cleaning import valid_address
from tasks.mail.compose import key_of, message_id_of, preview
from tasks.mail.contexts import CONTEXTS
from tasks.mail.gallery import gallery
from tasks.mail.rendering import Letterhead, points, render
from tasks.mail.samples import SAMPLES
from tasks.mail.token import ANSWERED_WITH, parse

NASTY = '<script>alert(1)</script>" onload="x" \r\nBcc: all@example.org\u202e=HYPERLINK("http://evil.example")'
VOID = {"meta", "br", "hr", "img", "link", "input"}


@pytest.fixture(autouse=True)
def _settings(tmp_path, monkeypatch):
    monkeypatch.setenv("JIXIAO_HOME", str(tmp_path))
    monkeypatch.setenv("JIXIAO_MAIL_FROM", "pingjia@czj.example")
    settings.current.cache_clear()
    yield
    settings.current.cache_clear()


def cycle(**values: object) -> Cycle:
    base = {"fiscal_year": 2025, "county": "青禾县", "bureau": "青禾县财政局", "office": "绩效评价股"}
    base |= {"ruleset_id": "r", "ruleset_digest": "0", "opened_at": datetime(2026, 3, 1, tzinfo=UTC)}
    return Cycle(**(base | values))


def department(**values: str) -> Department:
    return Department(**({"code": "101", "name": "青禾县交通服务中心", "stratum": "行政"} | values))


class _Balance(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_every_kind_has_a_context_and_a_sample():
    assert set(CONTEXTS) == set(LetterKind) == set(SAMPLES)


@pytest.mark.parametrize("kind", list(LetterKind))
def test_a_letter_is_well_formed_and_self_contained(kind):
    made = preview(kind, cycle(), department(), SAMPLES[kind])
    balance = _Balance()
    balance.feed(made.html)
    assert balance.open == []
    assert not re.search(r"(src|href|url\()\s*=?", made.html)
    assert 'name="viewport"' in made.html
    assert "None" not in made.html
    assert "{{" not in made.html
    assert "青禾县财政局" in made.text


@pytest.mark.parametrize("kind", list(LetterKind))
def test_the_subject_carries_the_token_of_the_matter(kind):
    made = preview(kind, cycle(), department(), SAMPLES[kind])
    found = parse(made.subject)
    assert (found.purpose if found else None) == ANSWERED_WITH.get(kind)
    assert len(made.subject) <= 200


def _poison(value):
    if isinstance(value, c.Context):
        return value.model_copy(update={n: _poison(getattr(value, n)) for n in type(value).model_fields})
    if isinstance(value, tuple):
        return tuple(_poison(v) for v in value)
    return NASTY if type(value) is str else value


@pytest.mark.parametrize("kind", list(LetterKind))
def test_nothing_a_department_wrote_becomes_markup_or_a_header(kind):
    poisoned = _poison(SAMPLES[kind])
    made = preview(kind, cycle(bureau=NASTY, county=NASTY), department(name=NASTY), poisoned, attachments=[NASTY])
    assert "<script" not in made.html
    assert 'onload="' not in made.html
    assert not set(made.subject) & set("\r\n\u202e")


def test_contexts_fold_foreign_text_to_one_harmless_line():
    assert c.Fact(label="a\r\nb", value="x\u202ey").model_dump() == {"label": "a b", "value": "xy"}


def test_a_context_refuses_unknown_and_missing_fields():
    with pytest.raises(ValidationError):
        c.NoticeContext(document_number="1", deadline=date(2026, 4, 1), dedline=date(2026, 4, 1))
    with pytest.raises(ValidationError):
        c.NoticeContext(document_number="1")
    with pytest.raises(ValidationError):
        c.ReminderContext(deadline=date(2026, 4, 1))
    with pytest.raises(ValidationError):
        c.ReminderContext(deadline=date(2026, 4, 1), days_left=1, days_late=1)


def test_a_template_cannot_use_what_its_context_lacks():
    head = Letterhead("局", "股", "县", 2025, None, "部门", "101", "部门", date(2026, 4, 1), "", "")
    with pytest.raises(UndefinedError):
        render(LetterKind.NOTICE, head, SAMPLES[LetterKind.REMINDER])


def test_absent_points_are_a_dash_and_never_zero():
    assert points(None) == "—"
    assert (points(Decimal("0")), points(Decimal("8.50")), points(Decimal("100"))) == ("0", "8.5", "100")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"days_left": 5}, "还有 5 天"),
        ({"days_left": 0}, "今天是报送截止日"),
        ({"days_late": 0}, "截止日期已过"),
        ({"days_late": 3}, "已逾期 3 个工作日"),
    ],
)
def test_a_reminder_says_how_long(days, words):
    sample = c.ReminderContext(deadline=date(2026, 4, 30), **days)
    assert words in preview(LetterKind.REMINDER, cycle(), department(), sample).text


def test_a_result_without_spot_check_says_so():
    sample = SAMPLES[LetterKind.RESULT].model_copy(
        update={"spot_checked": False, "review_score": None, "deviation_percent": None, "deduction": None}
    )
    text = preview(LetterKind.RESULT, cycle(), department(), sample).text
    assert "未抽查" in text
    assert "90 | — | — | — | 82 | 良" in text


def test_keys_and_message_ids_are_the_same_every_time_and_fit():
    key = key_of(cycle(), LetterKind.REMINDER, 3, "101")
    assert key == "2025/101/reminder/3"
    assert message_id_of(key) == message_id_of(key)
    assert re.fullmatch(r"<2025\.101\.reminder\.3\.[0-9a-f]{16}@czj\.example>", message_id_of(key))
    long_key = key_of(cycle(), LetterKind.REVIEW_RETURNED, 12, "a" * 200 + "@example.org")
    assert len(long_key) <= 120
    assert len(message_id_of(long_key)) <= 200


@pytest.mark.parametrize(
    "address",
    ["a@b\r\nBcc: c@d", "a b@c.example", "无@c.example", "a@b@c", "", "a@", "x" * 260 + "@c.example", "a@-b.example"],
)
def test_unsafe_addresses_are_refused(address):
    assert not valid_address(address)


def test_the_gallery_shows_every_kind(tmp_path):
    index = gallery(tmp_path / "gallery")
    for kind in LetterKind:
        assert (tmp_path / "gallery" / f"{kind.value}.html").stat().st_size > 1000
        assert f'href="{kind.value}.html"' in index.read_text("utf-8")
