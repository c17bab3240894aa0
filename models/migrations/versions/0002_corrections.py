"""corrections by a person, and which of them a score card rests on"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.records.base

revision = "0002"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "correctionrecord",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("path", TEXT(), nullable=False),
        sa.Column("label", TEXT(), nullable=False),
        sa.Column("read_value", TEXT(), nullable=True),
        sa.Column("source", sa.JSON(), nullable=True),
        sa.Column("material", TEXT(length=64), nullable=False),
        sa.Column("file_sha256", TEXT(length=64), nullable=False),
        sa.Column("source_digest", TEXT(length=64), nullable=False),
        sa.Column("value", TEXT(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", TEXT(), nullable=False),
        sa.Column("corrected_by", TEXT(length=40), nullable=False),
        sa.Column("corrected_at", models.records.base.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_correctionrecord_submission_id_submission")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["submissionversion.id"], name=op.f("fk_correctionrecord_version_id_submissionversion")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correctionrecord")),
        sa.UniqueConstraint("submission_id", "number", name=op.f("uq_correctionrecord_submission_id_number")),
    )
    with op.batch_alter_table("correctionrecord", schema=None) as batch_op:
        for column in ("submission_id", "version_id", "path"):
            batch_op.create_index(batch_op.f(f"ix_correctionrecord_{column}"), [column], unique=False)
    op.create_table(
        "cardcorrection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["scorecardrecord.id"], name=op.f("fk_cardcorrection_card_id_scorecardrecord")
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["correctionrecord.id"],
            name=op.f("fk_cardcorrection_correction_id_correctionrecord"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cardcorrection")),
        sa.UniqueConstraint("card_id", "correction_id", name=op.f("uq_cardcorrection_card_id_correction_id")),
    )
    with op.batch_alter_table("cardcorrection", schema=None) as batch_op:
        for column in ("card_id", "correction_id"):
            batch_op.create_index(batch_op.f(f"ix_cardcorrection_{column}"), [column], unique=False)


def downgrade() -> None:
    op.drop_table("cardcorrection")
    op.drop_table("correctionrecord")
