"""Column types and naming that hold on SQLite and PostgreSQL alike (数据表基础)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Enum, Numeric, String
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

# Named constraints: without names a batch migration on SQLite cannot drop them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

E = TypeVar("E", bound=StrEnum)


class ExactDecimal(TypeDecorator[Decimal]):
    """A Decimal (精确小数) that comes back digit for digit: text on SQLite, which has no decimal type, NUMERIC elsewhere.

    Up to 24 digits with 8 decimals; a value with more decimals is refused rather than rounded in silence.
    """

    impl = Numeric
    cache_ok = True
    SCALE = 8
    PRECISION = 24

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type for a database (列类型)."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(self.PRECISION + 2))
        return dialect.type_descriptor(Numeric(self.PRECISION, self.SCALE))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Check and write a value (写入)."""
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"expected Decimal, got {type(value).__name__}: {value!r}")
        if not value.is_finite() or -int(value.as_tuple().exponent) > self.SCALE:
            raise ValueError(f"{value} does not fit a column with {self.SCALE} decimals; round it first")
        return format(value, "f") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Read a value (读取); trailing zeros that a database adds are dropped so both databases agree."""
        if value is None:
            return None
        number = Decimal(str(value))
        whole = number.to_integral_value()
        return whole.quantize(Decimal(1)) if number == whole else number.normalize()


class UtcTime(TypeDecorator[datetime]):
    """A moment (时刻): only time-zone-aware values go in, UTC comes out, on every database."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type for a database (列类型)."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Check and write a moment (写入)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read a moment (读取) as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def code_type(enum: type[E]) -> Enum:
    """A column for a state or kind (状态代码), stored by its value so that SQL stays readable."""
    return Enum(
        enum, values_callable=lambda e: [m.value for m in e], native_enum=False, length=32, create_constraint=False
    )


JsonType = JSON
