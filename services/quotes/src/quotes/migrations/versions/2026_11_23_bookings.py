"""Bookings."""

revision = "2026_11_23_bookings"
down_revision = "2026_11_23_answers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
