"""who has what in hand of a step that several workers share"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "sharedwork",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lot", TEXT(length=80), nullable=False),
        sa.Column("subject", sa.Integer(), nullable=False),
        sa.Column("label", TEXT(length=200), nullable=False),
        sa.Column("holder", TEXT(length=120), nullable=True),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharedwork")),
        sa.UniqueConstraint("lot", "subject", name=op.f("uq_sharedwork_lot_subject")),
    )
    with op.batch_alter_table("sharedwork", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sharedwork_lot"), ["lot"], unique=False)


def downgrade() -> None:
    op.drop_table("sharedwork")
