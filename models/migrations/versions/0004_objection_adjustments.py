"""lines corrected by an objection"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.records.base

revision = "0004"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "objectionadjustment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("objection_id", sa.Integer(), nullable=False),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("score", models.records.base.ExactDecimal(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_objectionadjustment_objection_id_objection")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objectionadjustment")),
        sa.UniqueConstraint("objection_id", "rule", name=op.f("uq_objectionadjustment_objection_id_rule")),
    )
    with op.batch_alter_table("objectionadjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objectionadjustment_objection_id"), ["objection_id"], unique=False)


def downgrade() -> None:
    op.drop_table("objectionadjustment")
