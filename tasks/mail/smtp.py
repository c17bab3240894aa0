"""Sending through yagmail (发信): the only place that speaks SMTP.

yagmail brings the connection, the login and the MIME skeleton; its ``send`` is not used, because it logs in for every
mail and hides what happened (returns False). The dialogue is led step by step here, so that the outcome is known: a
mail whose connection broke before the final dot left was not sent; one that broke after it may have been.
"""

from __future__ import annotations

import hashlib
import io
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from types import TracebackType
from typing import Any, Self

import yagmail
from yagmail.headers import resolve_addresses
from yagmail.message import prepare_message

from tasks import clock, secrets
from tasks.mail.cleaning import file_label, one_line, valid_address
from tasks.mail.naming import name_attachment
from tasks.settings import Settings

TIMEOUT_SECONDS = 30
NOT_FROM_SERVER = 0
COMPLETED = 250
GO_ON = (250, 251, 354)
SERVICE_CLOSING = 421
# At MAIL FROM: this mail is too large. Any other "no" there is about us, and would be said to every letter.
_ABOUT_THE_MAIL = (552,)
# In a reply: a server that means "no" says so with 4xx (try again) or 5xx (do not).
_PERMANENT = range(500, 600)
_TEMPORARY = range(400, 500)


class ServerUnavailableError(RuntimeError):
    """The mail server cannot be used now (发信服务器不可用): nothing was handed over."""


class UnsendableError(ValueError):
    """A letter of which no mail can be made (无法成为邮件); the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class Sent:
    """The server took the mail (已交付服务器)."""


@dataclass(frozen=True)
class Refused:
    """The server said no (被拒): for good (5xx) or for now (4xx)."""

    code: int
    message: str
    permanent: bool


@dataclass(frozen=True)
class Lost:
    """The connection broke before the mail was handed over (未交付): sending again is safe."""

    message: str


@dataclass(frozen=True)
class Unknown:
    """The connection broke after the mail had left (结果不明): only a person may send it again."""

    message: str


Outcome = Sent | Refused | Lost | Unknown


@dataclass(frozen=True)
class Mail:
    """One mail to send (待发邮件)."""

    to_name: str
    to_address: str
    subject: str
    html: str
    text: str
    message_id: str
    attachments: Sequence[tuple[str, bytes]] = ()


class _StageError(Exception):
    """The connection failed in a known stage of the dialogue (会话中断)."""

    def __init__(self, handed_over: bool, cause: OSError) -> None:
        super().__init__(str(cause))
        self.handed_over = handed_over


class Sender:
    """One connection and one login for a batch (批量发信).

    Entering raises ServerUnavailableError when the server cannot be reached, its certificate is not trusted or the
    login is refused; ``send`` raises it when the connection broke and cannot be made again.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Any = None
        self._used = 0

    def __enter__(self) -> Self:
        self._connect()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def send(self, to_address: str, content: bytes) -> Outcome:
        """Hand one mail over (交付一封), the very bytes of ``written``. A connection that had served and broke is made again once."""
        if not valid_address(to_address):
            return Refused(NOT_FROM_SERVER, _unusable(to_address), permanent=True)
        fresh = self._used == 0
        outcome = self._attempt(to_address, content)
        stale = isinstance(outcome, Lost) or (isinstance(outcome, Refused) and outcome.code == SERVICE_CLOSING)
        if stale:
            self._connect()
            if not fresh:
                outcome = self._attempt(to_address, content)
        return outcome

    def _attempt(self, to_address: str, content: bytes) -> Outcome:
        self._used += 1
        try:
            return self._dialogue(to_address, content)
        except _StageError as broken:
            if broken.handed_over:
                self._connect_quietly()
                return Unknown(f"邮件已发出，但连接在服务器答复前中断（{_clean(broken)}），不能确定是否送达")
            return Lost(f"连接在邮件交付前中断（{_clean(broken)}）")

    def _dialogue(self, to_address: str, content: bytes) -> Outcome:
        if self._client is None:
            self._connect()
        smtp = self._client.smtp
        handed_over = False
        try:
            smtp.ehlo_or_helo_if_needed()
            options = [f"size={len(content)}"] if smtp.has_extn("size") else []
            code, reply = smtp.mail(self._settings.mail_from, options)
            if code in _PERMANENT and code not in _ABOUT_THE_MAIL:
                raise ServerUnavailableError(self._sender_refused(code, reply))
            if code in GO_ON:
                # One addressee a mail: what the server says about it is true of the whole letter, and nobody sees another.
                code, reply = smtp.rcpt(to_address)
            if code in GO_ON:
                code, reply = smtp.docmd("DATA")
            if code not in GO_ON:
                return self._refused(code, reply)
            # Without the final dot a server must throw the mail away; it leaves last, so a failure here means "not sent".
            smtp.send(_stuffed(content) + b".\r\n")
            handed_over = True
            code, reply = smtp.getreply()
        except OSError as error:
            # The exceptions of SMTP are OSErrors; those with a code are replies and were handled above.
            raise _StageError(handed_over, error) from error
        if code == COMPLETED:
            return Sent()
        if code in _TEMPORARY or code in _PERMANENT:
            return self._refused(code, reply)
        self._connect_quietly()
        return Unknown(f"服务器的答复无法理解（{code} {_clean(reply)}），不能确定是否送达")

    def _sender_refused(self, code: int, reply: bytes) -> str:
        return (
            f"发信服务器不接受发件地址 {self._settings.mail_from}（{code} {_clean(reply)}）："
            "请核对 JIXIAO_MAIL_FROM 与发信账号；这不是某一封函件的问题，函件仍在待发送中，更正后继续"
        )

    def _refused(self, code: int, reply: bytes) -> Refused:
        if code != SERVICE_CLOSING:
            try:
                self._client.smtp.rset()
            except OSError:
                self._connect_quietly()
        return Refused(code, _clean(reply), permanent=code in _PERMANENT)

    def _connect_quietly(self) -> None:
        """Make the connection again for the next mail; if that fails, the next ``send`` will say so."""
        self._close()
        self._used = 0
        try:
            self._connect()
        except ServerUnavailableError:
            self._client = None

    def _close(self) -> None:
        if self._client is not None and self._client.smtp is not None:
            try:
                self._client.close()
            except OSError:
                self._client.smtp.close()
        self._client = None

    def _connect(self) -> None:
        self._close()
        self._used = 0
        self._client = connect(self._settings)


def connect(settings: Settings) -> Any:
    """Open a verified, logged-in connection (连接发信服务器) as a yagmail client.

    Raises ServerUnavailableError with a Chinese sentence that says what to check.
    """
    if not settings.smtp_host or not settings.mail_from:
        raise ServerUnavailableError("尚未设置发信服务器或发件地址：请设置 JIXIAO_SMTP_HOST 和 JIXIAO_MAIL_FROM")
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    arguments: dict[str, Any] = {"timeout": TIMEOUT_SECONDS}
    try:
        if settings.smtp_security == "ssl":
            arguments |= {"smtp_ssl": True, "smtp_starttls": False, "context": _trusted(settings)}
        elif settings.smtp_security == "starttls":
            arguments |= {"smtp_ssl": False, "smtp_starttls": {"context": _trusted(settings)}}
        elif settings.smtp_security == "none":
            arguments |= {"smtp_ssl": False, "smtp_starttls": False}
        secret = secrets.password(settings.smtp_password, settings.smtp_password_block)
        # yagmail asks a keyring for an empty password and completes a user without "@"; both are kept from happening.
        account = settings.smtp_user or settings.mail_from
        client = yagmail.SMTP(
            {account: account},
            password=secret or " ",
            host=settings.smtp_host,
            port=settings.smtp_port,
            smtp_skip_login=not settings.smtp_user,
            soft_email_validation=False,
            **arguments,
        )
        client.login()
    except secrets.SecretUnavailableError as error:
        raise ServerUnavailableError(f"{error}未发出任何邮件") from error
    except ssl.SSLError as error:
        raise ServerUnavailableError(
            f"发信服务器 {where} 的加密连接未通过验证（{_clean(error)}）：请核对服务器地址、端口和证书；未发出任何邮件"
        ) from error
    except OSError as error:
        code = getattr(error, "smtp_code", None)
        if code in _PERMANENT and settings.smtp_user:
            raise ServerUnavailableError(
                f"发信服务器 {where} 拒绝登录（{code}）：请核对账号 {settings.smtp_user} 和密码（授权码）；未发出任何邮件"
            ) from error
        raise ServerUnavailableError(
            f"无法连接发信服务器 {where}（{_clean(error)}）：请检查网络和地址；函件仍在待发送中，下次运行继续"
        ) from error
    return client


def _trusted(settings: Settings) -> ssl.SSLContext:
    """Who may vouch for the server (受信任的证书); reading them takes longer than sending a letter."""
    return ssl.create_default_context(cafile=str(settings.smtp_ca_file) if settings.smtp_ca_file else None)


def written(settings: Settings, mail: Mail) -> bytes:
    """The mail as it is handed over (邮件原文); UnsendableError, with a Chinese sentence, where none can be written."""
    if not valid_address(mail.to_address):
        raise UnsendableError(_unusable(mail.to_address))
    try:
        return build(settings, mail)
    except (ValueError, TypeError, LookupError) as error:
        raise UnsendableError(f"无法生成邮件（{_clean(error)}），请检查函件内容") from error


def build(settings: Settings, mail: Mail) -> bytes:
    """The mail as it goes over the wire (邮件报文): HTML and text parts, attachments named by RFC 2231, CRLF lines to the end."""
    addresses = resolve_addresses(
        settings.mail_from, "", {mail.to_address: formataddr((_name(mail.to_name), mail.to_address))}, None, None
    )
    files = [_named(content, name) for name, content in mail.attachments]
    message = prepare_message(
        settings.mail_from,
        _name(settings.mail_from_name) or settings.mail_from,
        addresses,
        one_line(mail.subject, 400),
        [" "],
        files or None,
        {
            "Date": format_datetime(clock.now().astimezone(settings.zone)),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
        },
        "utf-8",
        prettify_html=False,
        message_id=mail.message_id,
        group_messages=False,
    )
    # yagmail turns line breaks into <br> and repeats the HTML as text: both parts are put in as they were composed.
    body = message.get_payload()[0]
    body.set_payload([MIMEText(mail.text, "plain", "utf-8"), MIMEText(mail.html, "html", "utf-8")])
    for part, (name, _) in zip(message.get_payload()[1:], mail.attachments, strict=True):
        _finish(part, file_label(name))
    _set_boundaries(message, mail.message_id)
    # What is kept must be what arrives: SMTP ends every mail with a whole line.
    return re.sub(rb"\r\n|\r|\n", b"\r\n", message.as_bytes().rstrip(b"\r\n") + b"\n")


def _named(content: bytes, name: str) -> io.BytesIO:
    handle = io.BytesIO(content)
    handle.name = file_label(name)
    return handle


def _finish(part: Message, name: str) -> None:
    """Give an attachment a type every client knows and the name in both headers (附件头)."""
    kind = part.get_content_type()
    # yagmail writes None/None for an unknown suffix; a mail inside a mail may not be base64.
    unusable = kind.startswith(("none/", "message/", "multipart/")) or "None" in str(part["Content-Type"])
    name_attachment(part, "application/octet-stream" if unusable else kind, name)


def _set_boundaries(message: Message, message_id: str) -> None:
    """Lines between the parts that follow from the Message-ID (分隔行), so that the same mail is the same bytes.

    Every part is base64, of which no line begins with the sign that a boundary begins with.
    """
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=={hashlib.sha256(f'{number}{message_id}'.encode()).hexdigest()[:40]}==")


def _name(text: str) -> str:
    # yagmail and formataddr would both escape quotes.
    return one_line(text, 100).replace('"', "").replace("\\", "")


def _unusable(address: str) -> str:
    return f"收件地址“{_clean(address)}”不能使用，请更正名册"


def _stuffed(content: bytes) -> bytes:
    lines = re.sub(rb"(?m)^\.", b"..", content)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _clean(words: object) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return one_line(text, 300)
