"""which edition brought a result into force; corrections that were refused"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The newest version that lay before the approver when an edition was put to him is the one it shows.
SHOWN = """
SELECT o.id AS id, e.number AS number, o.submission_id AS submission_id, o.number AS version
FROM edition e
JOIN approval a ON a.cycle_id = e.cycle_id AND a.digest = e.digest AND a.decision = 'approved'
JOIN submission s ON s.cycle_id = e.cycle_id
JOIN outcomerecord o ON o.submission_id = s.id AND o.settled_at <= a.prepared_at
ORDER BY e.cycle_id, e.number, o.submission_id, o.number
"""


def upgrade() -> None:
    with op.batch_alter_table("outcomerecord", schema=None) as batch_op:
        batch_op.add_column(sa.Column("edition", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("refused_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_outcomerecord_refused_id_approval"), "approval", ["refused_id"], ["id"])
    with op.batch_alter_table("objectionadjustment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("refused_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_objectionadjustment_refused_id_approval"), "approval", ["refused_id"], ["id"]
        )
        batch_op.drop_constraint(op.f("uq_objectionadjustment_objection_id_rule"), type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_objectionadjustment_objection_id_rule_number"), ["objection_id", "rule", "number"]
        )
    mark_what_is_public(op.get_bind())


def mark_what_is_public(connection: sa.Connection) -> None:
    """Note of every published version which edition brought it into force."""
    shown = {(row.number, row.submission_id): row.id for row in connection.execute(sa.text(SHOWN))}
    marked: set[int] = set()
    for (number, _), outcome in sorted(shown.items()):
        if outcome not in marked:
            connection.execute(
                sa.text("UPDATE outcomerecord SET edition = :number WHERE id = :id"), {"number": number, "id": outcome}
            )
        marked.add(outcome)


def downgrade() -> None:
    op.execute("DELETE FROM objectionadjustment WHERE number > 1")
    with op.batch_alter_table("objectionadjustment", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_objectionadjustment_objection_id_rule_number"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_objectionadjustment_objection_id_rule"), ["objection_id", "rule"])
        batch_op.drop_constraint(op.f("fk_objectionadjustment_refused_id_approval"), type_="foreignkey")
        batch_op.drop_column("refused_id")
        batch_op.drop_column("number")
    with op.batch_alter_table("outcomerecord", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_outcomerecord_refused_id_approval"), type_="foreignkey")
        batch_op.drop_column("refused_id")
        batch_op.drop_column("edition")
