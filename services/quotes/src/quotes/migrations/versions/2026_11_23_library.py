"""Line-item presets and quote templates."""

revision = "2026_11_23_library"
down_revision = "2026_11_23_bookings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
