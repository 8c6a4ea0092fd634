"""Bulk actions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "20261123_jobs"
down_revision = "20261123_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_job",
        sa.Column("id", UUID(as_uuid=True), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("actor", JSONB, nullable=False, comment="in whose name every row is carried out"),
        sa.Column("admin_id", UUID(as_uuid=True), nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('running', 'done', 'stopped')", name=op.f("ck_bulk_job_state")),
        sa.CheckConstraint("(state = 'running') = (finished_at IS NULL)", name=op.f("ck_bulk_job_finished")),
    )
    op.create_index("ix_bulk_job_running", "bulk_job", ["created_at"], postgresql_where=sa.text("state = 'running'"))
    op.create_table(
        "bulk_row",
        sa.Column("job_id", UUID(as_uuid=True), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_id", UUID(as_uuid=True), nullable=False),
        sa.Column("label", sa.Text, nullable=False, comment="number or title when the action was started"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("result_id", UUID(as_uuid=True), comment="the copy that was made"),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["job_id"], ["bulk_job.id"], name=op.f("fk_bulk_row_job_id")),
        sa.CheckConstraint("state IN ('waiting', 'done', 'refused')", name=op.f("ck_bulk_row_state")),
        sa.CheckConstraint("(state = 'waiting') = (at IS NULL)", name=op.f("ck_bulk_row_at")),
        sa.CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name=op.f("ck_bulk_row_reason")),
    )
    op.create_index("uq_bulk_row_record_id", "bulk_row", ["job_id", "record_id"], unique=True)
    op.create_index(
        "ix_bulk_row_waiting", "bulk_row", ["job_id", "position"], postgresql_where=sa.text("state = 'waiting'")
    )


def downgrade() -> None:
    op.drop_table("bulk_row")
    op.drop_table("bulk_job")
