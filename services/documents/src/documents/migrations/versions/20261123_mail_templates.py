"""Edited mail templates; mails that are called off."""

revision = "20261123_mail_templates"
down_revision = "20261123_attachments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
