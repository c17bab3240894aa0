"""letters delivered otherwise; until when returned material is to be corrected"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.records.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = models.records.base.UtcTime


def upgrade() -> None:
    op.create_table(
        "otherdelivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("means", sa.String(length=32), nullable=False),
        sa.Column("reason", TEXT(length=500), nullable=False),
        sa.Column("recorded_by", TEXT(length=60), nullable=False),
        sa.Column("recorded_at", MOMENT(), nullable=False),
        sa.Column("ended_by", TEXT(length=60), nullable=True),
        sa.Column("ended_because", TEXT(length=500), nullable=True),
        sa.Column("ended_at", MOMENT(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_otherdelivery_cycle_id_cycle")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_otherdelivery_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_otherdelivery")),
        sa.UniqueConstraint(
            "cycle_id", "department_id", "number", name=op.f("uq_otherdelivery_cycle_id_department_id_number")
        ),
    )
    op.create_table(
        "letterdelivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("means", sa.String(length=32), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("signed_by", TEXT(length=60), nullable=False),
        sa.Column("receipt_number", TEXT(length=80), nullable=False),
        sa.Column("remark", TEXT(length=500), nullable=False),
        sa.Column("recorded_by", TEXT(length=60), nullable=False),
        sa.Column("recorded_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letterdelivery_letter_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letterdelivery")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_letterdelivery_letter_id")),
    )
    with op.batch_alter_table("otherdelivery", schema=None) as batch_op:
        for column in ("cycle_id", "department_id"):
            batch_op.create_index(batch_op.f(f"ix_otherdelivery_{column}"), [column], unique=False)
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("correct_by", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_column("correct_by")
    op.drop_table("letterdelivery")
    op.drop_table("otherdelivery")
