"""Attachments handed in by admins: documents that may be stored before the record they go with.

Revision ID: 20261123_attachments
Revises: 20261122_first
"""

from __future__ import annotations

from alembic import op

revision = "20261123_attachments"
down_revision = "20261122_first"
branch_labels = None
depends_on = None

_WORDS = "none: an attachment stored before its record"


def upgrade() -> None:
    op.alter_column("documents", "record_id", nullable=True, comment=_WORDS)


def downgrade() -> None:
    op.alter_column("documents", "record_id", nullable=False, comment=None)
