"""Edited mail templates; mails that are called off; codes in mails; the version a document was made of.

Revision ID: 20261123_mail_templates
Revises: 20261123_attachments
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_mail_templates"
down_revision = "20261123_attachments"
branch_labels = None
depends_on = None

# As the first migration made them: the naming convention was applied to names that followed it already.
_STATE = op.f("ck_mails_ck_mails_state")
_REDACTED = op.f("ck_mails_ck_mails_link_redacted")


def upgrade() -> None:
    op.add_column(
        "documents", sa.Column("record_version", sa.Integer, comment="v1, v2 … of the record that was frozen")
    )
    op.add_column("mails", sa.Column("code_sealed", sa.Text, comment="gone once the mail is sent"))
    op.add_column(
        "mails",
        sa.Column("record_version", sa.BigInteger, comment="the record's version when the mail was queued"),
    )
    op.add_column(
        "mails",
        sa.Column("expires_at", sa.DateTime(timezone=True), comment="pointless afterwards: its link or code is over"),
    )
    op.drop_constraint(_STATE, "mails")
    op.create_check_constraint(
        op.f("ck_mails_state"), "mails", "state IN ('queued', 'sending', 'sent', 'failed', 'called_off')"
    )
    op.drop_constraint(_REDACTED, "mails")
    op.create_check_constraint(
        op.f("ck_mails_redacted"),
        "mails",
        "state NOT IN ('sent', 'called_off') OR (link_sealed IS NULL AND code_sealed IS NULL)",
    )
    op.create_table(
        "mail_stops",
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("below", sa.BigInteger, nullable=False, comment="mails about older versions of the record are off"),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "template", name="pk_mail_stops"),
    )
    op.create_table(
        "mail_templates",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, comment="NULL: as delivered"),
        sa.Column("body", sa.Text, comment="NULL: as delivered"),
        sa.Column("button", sa.Text, comment="NULL: as delivered"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "language", name="pk_mail_templates"),
        sa.CheckConstraint("version > 0", name="ck_mail_templates_version"),
    )


def downgrade() -> None:
    """Mails called off become failed ones: the release before knows no other word."""
    op.drop_table("mail_templates")
    op.drop_table("mail_stops")
    op.execute("UPDATE mails SET state = 'failed' WHERE state = 'called_off'")
    op.drop_constraint(op.f("ck_mails_redacted"), "mails")
    op.create_check_constraint(_REDACTED, "mails", "state <> 'sent' OR link_sealed IS NULL")
    op.drop_constraint(op.f("ck_mails_state"), "mails")
    op.create_check_constraint(_STATE, "mails", "state IN ('queued', 'sending', 'sent', 'failed')")
    for column in ("expires_at", "record_version", "code_sealed"):
        op.drop_column("mails", column)
    op.drop_column("documents", "record_version")
