"""Settings (运行设置): where things are and how to reach them. Environment variables ``JIXIAO_*`` override defaults."""

from __future__ import annotations

import re
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything that differs between installations (运行设置). Secrets never leave this object in clear."""

    model_config = SettingsConfigDict(env_prefix="JIXIAO_", extra="ignore")

    home: Path = Field(Path("practice-year"), description="数据目录：数据库、文件、函件、网站都在其中")
    database_url: str = Field("", description="业务数据库地址；空则使用数据目录下的 jixiao.db（SQLite）")
    file_store: str = Field("", description="文件库：空则为数据目录下的 files；也可填一个目录，或 s3://桶名/前缀")
    file_cache: Path | None = Field(None, description="S3 文件库的本机副本目录；空则为数据目录下的 cache，可随时清空")
    s3_endpoint: str = Field("", description="S3 兼容存储的地址，如 https://store.example:9000；空则为 AWS")
    s3_region: str = Field("", description="S3 区域；自建存储可不填")
    s3_ca_file: Path | None = Field(None, description="S3 兼容存储的自有CA证书")
    s3_access_key: str = Field("", description="S3 访问密钥编号；空则用 AWS_* 环境变量或本机角色")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="S3 访问密钥")
    s3_secret_key_block: str = Field("", description="改从这个 Prefect Secret 块读取 S3 访问密钥")
    templates: Path = Field(PROJECT_ROOT / "templates", description="函件、网站与文书模板目录")
    time_zone: str = Field("Asia/Shanghai", description="时区")

    smtp_host: str = Field("", description="发信服务器地址；空则不能发信")
    smtp_port: int = Field(465, description="发信服务器端口")
    smtp_security: Literal["ssl", "starttls", "none"] = Field("ssl", description="发信加密方式")
    smtp_user: str = Field("", description="发信账号；空则不登录")
    smtp_password: SecretStr = Field(SecretStr(""), description="发信密码")
    smtp_password_block: str = Field("", description="改从这个 Prefect Secret 块读取发信密码")
    smtp_ca_file: Path | None = Field(None, description="发信服务器的自有CA证书")
    mail_from: str = Field("", description="发件地址")
    mail_from_name: str = Field("", description="发件人名称")
    contact_name: str = Field("", description="函件中的联系人")
    contact_phone: str = Field("", description="函件中的联系电话")
    mail_domain: str = Field("", description="Message-ID 使用的域名；空则用发件地址的域名")
    mail_per_minute: int = Field(0, description="每分钟最多发信数；0 不限")

    reviewers: str = Field("", description="复核人员：姓名 <邮箱>，用分号隔开")
    review_leads: str = Field(
        "", description="双人复核的定案人：姓名 <邮箱>，用分号隔开；空则由两名复核人以外的复核人员轮流担任"
    )

    review_conflicts: str = Field(
        "", description="复核回避：姓名或邮箱=部门代码、部门代码，用分号隔开；本人是部门联系人的自动回避"
    )

    staff: str = Field("", description="接收运行告警的工作人员：姓名 <邮箱>，用分号隔开")
    watch_hours: int = Field(26, ge=1, description="推进年度工作超过多少小时没有成功运行即告警")
    watch_late_minutes: int = Field(15, ge=1, description="到点的运行超过多少分钟没有开始即告警")
    watch_step_hours: int = Field(2, ge=1, description="定时环节到点后超过多少小时没有办成即告警")
    silent_minutes: int = Field(10, ge=5, description="在办的运行超过多少分钟没有任何动静即判为中断")
    watch_overdue_days: int = Field(3, ge=0, description="一个阶段到期后超过多少天未办即告警")

    files_url: str = Field("", description="从界面打开所生成文件的网址；空则只显示路径，jixiao up 在本机自动提供")

    imap_host: str = Field("", description="收信服务器地址；空则不读取 IMAP 邮箱")
    imap_port: int = Field(993, description="收信服务器端口")
    imap_security: Literal["ssl", "starttls", "none"] = Field("ssl", description="收信加密方式")
    imap_ca_file: Path | None = Field(None, description="收信服务器的自有CA证书")
    imap_user: str = Field("", description="收信账号")
    imap_password: SecretStr = Field(SecretStr(""), description="收信密码")
    imap_password_block: str = Field("", description="改从这个 Prefect Secret 块读取收信密码")
    imap_folder: str = Field("INBOX", description="收信文件夹")
    maildir: Path | None = Field(None, description="本地邮箱目录（Maildir）；空则为数据目录下的 mail/in")
    drop_folder: Path | None = Field(None, description="收件文件夹；空则为数据目录下的 inbox")

    drop_settle_seconds: float = Field(10, description="收件文件夹中的文件静置多少秒后才收取")
    ocr: bool = Field(False, description="审读时识别扫描件（需安装OCR组件，较慢）")
    max_file_mb: int = Field(50, description="单个附件的大小上限（MB）")

    share_reading_from: int = Field(20, ge=0, description="待审读的部门达到多少个即请其他工作进程协助；0 不请")
    share_scoring_from: int = Field(100, ge=0, description="待评分的部门达到多少个即请其他工作进程协助；0 不请")
    batch_size: int = Field(50, ge=1, description="超过1000个部门时，每批办理多少个部门")
    hold_seconds: int = Field(60, ge=2, description="工作进程失去联系多少秒后，它手上的部门由其他进程接办")

    @field_validator("time_zone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        """Refuse an unknown time zone (时区校验)."""
        ZoneInfo(value)
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone (时区)."""
        return ZoneInfo(self.time_zone)

    @property
    def resolved_database_url(self) -> str:
        """The database address (业务数据库地址) with the default filled in."""
        if not self.database_url:
            return f"sqlite:///{self.home.resolve() / 'jixiao.db'}"
        # psycopg 3 is the driver we install; people write the short form.
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def message_domain(self) -> str:
        """The host part of our Message-IDs (邮件标识域名): a host of our own, or filters take the mail for a forgery."""
        return self.mail_domain or self.mail_from.rpartition("@")[2]

    @property
    def reviewer_list(self) -> list[tuple[str, str]]:
        """The reviewers (复核人员) as (name, address), in the order of rotation."""
        return _people(self.reviewers)

    @property
    def lead_list(self) -> list[tuple[str, str]]:
        """Who settles what two reviewers differ in (定案人) as (name, address), in the order of rotation."""
        return _people(self.review_leads)

    @property
    def staff_list(self) -> list[tuple[str, str]]:
        """Who gets alerts (接收告警的工作人员) as (name, address); the address stands for a missing name."""
        return [(name or address, address) for name, address in _people(self.staff)]

    @property
    def review_conflict_list(self) -> list[tuple[str, tuple[str, ...]]]:
        """Who may not review which departments (复核回避) as (name or address, codes). Raises ValueError on a broken entry."""
        found = []
        for part in (p.strip() for p in self.review_conflicts.replace("；", ";").split(";")):
            if not part:
                continue
            who, sign, codes = part.partition("=")
            listed = tuple(code.strip() for code in re.split(r"[、,，]", codes) if code.strip())
            if not (sign and who.strip() and listed):
                raise ValueError(f"复核回避设置“{part}”无法识别，请写成“姓名或邮箱=部门代码、部门代码”。")
            found.append((who.strip(), listed))
        return found

    def folder(self, name: str) -> Path:
        """A folder below home (数据子目录), made if missing."""
        path = self.home / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def file_folder(self) -> Path:
        """Where received and sent files are kept by sha256 (文件库目录), unless they go to an S3-compatible store."""
        return Path(self.file_store) if self.file_store else self.folder("files")

    @property
    def mailbox_folder(self) -> Path:
        """The local mailbox (本地邮箱)."""
        return self.maildir or self.home / "mail" / "in"

    @property
    def inbox_folder(self) -> Path:
        """The drop folder (收件文件夹)."""
        return self.drop_folder or self.home / "inbox"


def _people(listed: str) -> list[tuple[str, str]]:
    return [parseaddr(part) for part in listed.replace("；", ";").split(";") if part.strip()]


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process (当前设置), read once from the environment; ``current.cache_clear()`` reads anew."""
    return Settings()
