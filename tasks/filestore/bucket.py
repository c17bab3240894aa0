"""A file store in an S3-compatible bucket (对象存储文件库), with copies on this machine for who can only read files.

The client library is imported here alone, and only where such a store is set. The keys come from the environment, the
secret one from a Prefect Secret block if one is named, or from where the library looks by itself (``AWS_*``, the
machine's role); they are never shown.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tasks import secrets
from tasks.filestore.base import UnreachableError, UnusableError, digest_of, lost, place_of
from tasks.filestore.folder import Folder
from tasks.settings import Settings

LOCK = "requirements-s3.lock"
# Custom servers (MinIO, Ceph) sign for any region; the library insists on one.
ANY_REGION = "us-east-1"
# How many names a server tells at a time.
PAGE = 1000
GONE = frozenset({"404", "NoSuchKey"})
BUSY = frozenset({"500", "502", "503", "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout"})
NAME = re.compile(r"[0-9a-f]{64}")


def opened(found: Settings) -> Bucket:
    """The bucket of these settings (打开对象存储). Raises UnusableError when it is not set up right."""
    parts = urlsplit(found.file_store)
    if parts.scheme != "s3" or not parts.netloc:
        raise UnusableError(f"文件库地址“{found.file_store}”无法识别，请写成 s3://桶名/前缀 或一个目录路径。")
    cache = Folder(found.file_cache or found.folder("cache"))
    return Bucket(_client(_Access.of(found)), parts.netloc, parts.path.strip("/"), cache)


class _Access(tuple[str, str, str, str, str]):
    """Endpoint, region, own CA, key and secret (连接方式); compared, never printed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<s3 access>"

    @classmethod
    def of(cls, found: Settings) -> _Access:
        block = found.s3_secret_key_block
        secret = _from_block(block) if block else found.s3_secret_key.get_secret_value()
        return cls((found.s3_endpoint, found.s3_region, str(found.s3_ca_file or ""), found.s3_access_key, secret))


@lru_cache(maxsize=4)
def _from_block(name: str) -> str:
    """The secret key out of a Prefect Secret block (密钥块), once a process: a file store is asked for every file."""
    try:
        return secrets.held_in(name)
    except secrets.SecretUnavailableError as error:
        raise UnusableError(str(error)) from None


@lru_cache(maxsize=4)
def _client(access: _Access) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise UnusableError(
            "文件库设在 S3 兼容存储上，但本机没有安装所需组件；请运行"
            f" pip install --no-deps --require-hashes -r {LOCK} 后重试。 Install {LOCK} to use an S3 file store."
        ) from error
    endpoint, region, authority, key, secret = access
    config = Config(
        connect_timeout=10,
        read_timeout=60,
        retries={"mode": "standard", "max_attempts": 4},
        # Servers on their own seldom have a name of their own for each bucket, nor the newest checksums.
        s3={"addressing_style": "path" if endpoint else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint or None,
            region_name=region or (ANY_REGION if endpoint else None),
            verify=authority or None,
            aws_access_key_id=key or None,
            aws_secret_access_key=secret or None,
            config=config,
        )
    except ValueError:
        raise UnusableError(
            f"S3 地址“{endpoint}”或区域“{region}”无法识别，请核对 JIXIAO_S3_ENDPOINT 和 JIXIAO_S3_REGION。"
        ) from None


class Bucket:
    """Objects below a prefix (对象存储文件库)."""

    def __init__(self, client: Any, bucket: str, prefix: str, cache: Folder) -> None:
        self.client, self.bucket, self.cache = client, bucket, cache
        self.prefix = f"{prefix}/" if prefix else ""

    def _where(self, sha256: str = "") -> str:
        return f"s3://{self.bucket}/{self.prefix}{place_of(sha256) if sha256 else ''}"

    def _key(self, sha256: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.prefix + place_of(sha256)}

    def exists(self, sha256: str) -> bool:
        """Whether an object is there (是否存在)."""
        with self._asking() as asked:
            self.client.head_object(**self._key(sha256))
        return not asked.gone

    def read(self, sha256: str) -> bytes:
        """The bytes of an object (读取)."""
        content = b""
        with self._asking() as asked:
            content = self.client.get_object(**self._key(sha256))["Body"].read()
        if asked.gone:
            raise lost(sha256, self._where(sha256))
        return bytes(content)

    def write(self, sha256: str, content: bytes) -> None:
        """Store an object (写入): the server compares the MD5 and answers when it has all of it."""
        with self._asking() as asked:
            self.client.put_object(**self._key(sha256), Body=content, ContentMD5=_md5(content))
        self._must_be_there(asked)

    def names(self) -> Iterator[str]:
        """Every object that is a kept file (全部文件), in order."""
        pages: list[dict[str, Any]] = []
        with self._asking() as asked:
            listing = self.client.get_paginator("list_objects_v2")
            pages = list(listing.paginate(Bucket=self.bucket, Prefix=self.prefix, PaginationConfig={"PageSize": PAGE}))
        self._must_be_there(asked)
        for entry in (entry for page in pages for entry in page.get("Contents", [])):
            name = entry["Key"].rpartition("/")[2]
            if NAME.fullmatch(name) and entry["Key"] == self.prefix + place_of(name):
                yield name

    def path(self, sha256: str) -> Path:
        """A copy on this machine (本机副本), taken anew when it is missing or not what it should be."""
        copy = self.cache.root / place_of(sha256)
        if not copy.is_file() or digest_of(copy.read_bytes()) != sha256:
            self.cache.write(sha256, self.read(sha256))
        return copy

    def check(self) -> str:
        """Write, read and take away a trial object (检查可读写)."""
        own = f"{socket.gethostname()}.{os.getpid()}.{threading.get_ident()}"
        trial = {"Bucket": self.bucket, "Key": f"{self.prefix}.trial.{own}"}
        with self._asking() as asked:
            self.client.put_object(**trial, Body=b"jixiao", ContentMD5=_md5(b"jixiao"))
            self.client.get_object(**trial)["Body"].read()
            self.client.delete_object(**trial)
        self._must_be_there(asked)
        next(self.names(), None)
        return self._where()

    def _must_be_there(self, asked: _Asked) -> None:
        if asked.gone:
            raise UnusableError(f"文件库 {self._where()} 不存在，请建立该桶或核对 JIXIAO_FILE_STORE")

    @contextmanager
    def _asking(self) -> Iterator[_Asked]:
        """Put a request (请求): not there is an answer; everything else that goes wrong is told in our words."""
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
        from botocore.exceptions import ConnectionError as NotConnectedError

        asked = _Asked()
        try:
            yield asked
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in GONE:
                asked.gone = True
                return
            kind = UnreachableError if code in BUSY else UnusableError
            raise kind(f"文件库 {self._where()} 拒绝了请求（{code}），请核对桶、密钥及其权限") from None
        except (HTTPClientError, NotConnectedError) as error:
            raise UnreachableError(
                f"文件库 {self._where()} 无法连接（{type(error).__name__}），请检查 JIXIAO_S3_ENDPOINT 和网络"
            ) from None
        except BotoCoreError as error:
            raise UnusableError(
                f"文件库 {self._where()} 不能使用（{type(error).__name__}），请核对 S3 的各项设置"
            ) from None


class _Asked:
    """What became of a request (请求结果)."""

    gone = False


def _md5(content: bytes) -> str:
    return b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
