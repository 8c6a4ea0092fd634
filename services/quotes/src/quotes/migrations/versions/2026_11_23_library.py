"""Line-item presets and quote templates."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "2026_11_23_library"
down_revision = "2026_11_23_bookings"
branch_labels = None
depends_on = None


def _common() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", UUID(as_uuid=False), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_admin_id", sa.Text),
    ]


def upgrade() -> None:
    op.create_table(
        "line_item_preset",
        *_common(),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("line", JSONB, nullable=False),
        sa.CheckConstraint("version >= 1 AND name <> ''", name=op.f("ck_line_item_preset_name")),
        sa.CheckConstraint("jsonb_typeof(line) = 'object'", name=op.f("ck_line_item_preset_line")),
    )
    op.create_index("ix_line_item_preset_name", "line_item_preset", ["name", "id"])
    op.create_table(
        "quote_template",
        *_common(),
        sa.Column("content", JSONB, nullable=False),
        sa.CheckConstraint("version >= 1 AND name <> ''", name=op.f("ck_quote_template_name")),
        sa.CheckConstraint("jsonb_array_length(content -> 'lines') > 0", name=op.f("ck_quote_template_content")),
    )
    op.create_index("ix_quote_template_name", "quote_template", ["name", "id"])


def downgrade() -> None:
    op.drop_table("quote_template")
    op.drop_table("line_item_preset")
