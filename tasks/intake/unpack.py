"""Opening a message (拆件): its documents, its words, and what was set aside and why. Nothing here is believed."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email.message import Message

from tasks.intake import bounces, headers
from tasks.intake.danger import danger_of
from tasks.intake.limits import Limits
from tasks.intake.unzip import BombError, Found, NamedFile, SetAside, add
from tasks.mail.plain import text_of

_SIGNATURES = {
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "text/vcard",
    "text/x-vcard",
    "text/calendar",
}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
# Where the words of the sender end and the quoted letter begins.
_QUOTED = re.compile(
    r"^\s*(?:>|-{3,}\s*(?:原始邮件|转发|Original)|(?:发件人|From)\s*[:：]|.{0,80}(?:写道|wrote)\s*[:：]\s*$)", re.M
)
_AUTOMATIC_SUBJECTS = ("自动回复", "自动答复", "automatic reply", "auto reply", "out of office")
# What the standard library raises on malformed mail.
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)


@dataclass(frozen=True)
class Package:
    """An opened delivery (拆开的来件). ``refusal`` says why the whole of it must not be used."""

    files: tuple[NamedFile, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    senders: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    refusal: str | None = None
    remedy: str | None = None
    bounce: bounces.Bounce | None = None
    message_id: str = ""
    automatic: bool = False
    forged: bool = False


@dataclass
class _Walk:
    limits: Limits
    found: Found
    texts: list[str]
    parts: int = 0


def open_message(raw: bytes, limits: Limits) -> Package:
    """Open a mail (拆邮件). Never raises on what a mail contains; ``refusal`` tells what went wrong."""
    try:
        message: Message = email.message_from_bytes(raw, policy=headers.TOLERANT)
        return _opened(message, raw, limits)
    except MALFORMED as error:
        return Package(
            refusal=f"邮件格式异常，无法解析（{type(error).__name__}）", remedy="请新建一封邮件，重新添加附件后发送"
        )


def _opened(message: Message, raw: bytes, limits: Limits) -> Package:
    who = tuple(headers.senders(message))
    subject = headers.words(message.get("Subject"))
    bounce = bounces.recognise(message, raw, who)
    if bounce is not None:
        return Package(senders=who, subject=subject, bounce=bounce)
    walk = _Walk(limits, Found(), [])
    refusal: str | None = None
    try:
        _visit(walk, message, 0, related=False)
    except BombError as error:
        refusal = str(error)
    package = judged(walk.found, refusal)
    return Package(
        files=package.files,
        set_aside=package.set_aside,
        senders=who,
        subject=subject,
        text=_own_words("\n".join(walk.texts), limits),
        refusal=package.refusal,
        remedy=package.remedy,
        message_id=str(message.get("Message-ID", "")).strip(),
        automatic=not package.files and refusal is None and _automatic(message, subject),
        forged=_forged(message),
    )


def open_file(name: str, content: bytes, limits: Limits) -> Package:
    """Open a file from the drop folder (拆文件): archives are expanded."""
    found = Found()
    try:
        add(found, name, content, limits)
    except BombError as error:
        return judged(found, str(error))
    return judged(found, None)


def judged(found: Found, refusal: str | None) -> Package:
    """Refuse dangerous contents (危险文件判定); otherwise hand the files on."""
    remedy = "请删除压缩包中的无关文件，直接以Word、PDF、Excel附件发送" if refusal else None
    dangers = [f"“{f.name}”（{why}）" for f in found.files if (why := danger_of(f.name, f.content))]
    if dangers and not refusal:
        refusal = "含有可能危险的文件：" + "、".join(dangers)
        remedy = "请只发送Word、PDF、Excel文件，不要附带程序、脚本或快捷方式"
    files = () if refusal else tuple(found.files)
    return Package(files=files, set_aside=tuple(found.set_aside), refusal=refusal, remedy=remedy)


def _visit(walk: _Walk, part: Message, depth: int, *, related: bool) -> None:
    walk.parts += 1
    if walk.parts > walk.limits.parts or depth > walk.limits.depth:
        raise BombError(f"邮件嵌套超过{walk.limits.depth}层或超过{walk.limits.parts}个部分")
    kind = part.get_content_type()
    if part.is_multipart():
        for inner in part.get_payload():
            if isinstance(inner, Message):
                _visit(walk, inner, depth + 1, related=kind == "multipart/related")
        return
    if kind.startswith("multipart/"):
        walk.found.set_aside.append(SetAside("邮件的一部分", "邮件结构损坏，附件可能不完整，请重新发送"))
        return
    name = headers.file_name(part)
    attached = part.get_content_disposition() == "attachment"
    if kind in _SIGNATURES:
        return
    if kind in _TNEF or (name or "").lower() == "winmail.dat":
        walk.found.set_aside.append(
            SetAside(
                name or "winmail.dat", "是Outlook的RTF格式附件，无法打开；请把邮件格式改为“纯文本”或“HTML”后重新发送"
            )
        )
        return
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    if kind.startswith("text/") and not attached and name is None:
        _words(walk, kind, content, part.get_content_charset())
    elif kind.startswith("image/") and (related or (part.get("Content-ID") and not attached) or name is None):
        # Logos and pasted pictures of the letter itself.
        return
    elif (name or "").lower().endswith(".eml"):
        inner_message: Message = email.message_from_bytes(content, policy=headers.TOLERANT)
        _visit(walk, inner_message, depth + 1, related=False)
    elif name or attached or not kind.startswith("text/"):
        add(walk.found, name or "未命名附件", content, walk.limits)


def _words(walk: _Walk, kind: str, content: bytes, charset: str | None) -> None:
    text = headers.decoded(content[: 8 * walk.limits.text_characters], charset)
    if kind == "text/html":
        # Most mails carry the same words twice; the plain ones come first.
        if any(t.strip() for t in walk.texts):
            return
        text = text_of(text)
    walk.texts.append(text)


def _own_words(text: str, limits: Limits) -> str:
    start = _QUOTED.search(text)
    own = text[: start.start()] if start else text
    kept = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "", own.replace("\r\n", "\n"))
    return kept.strip()[: limits.text_characters]


def _automatic(message: Message, subject: str) -> bool:
    """Whether a program answered (自动回复). Office systems mark what people send the same way, but with attachments."""
    marked = str(message.get("Auto-Submitted", "no")).strip().lower() != "no"
    return marked or message.get("X-Autoreply") is not None or subject.lower().startswith(_AUTOMATIC_SUBJECTS)


def _forged(message: Message) -> bool:
    """Whether the bureau's own mail server found the sender forged (发件人验证未通过).

    Only the topmost result counts: that one our server wrote; lower ones came with the mail.
    """
    result = str(message.get("Authentication-Results", "")).lower()
    return bool(re.search(r"\b(?:dmarc|spf)\s*=\s*fail\b", result))
