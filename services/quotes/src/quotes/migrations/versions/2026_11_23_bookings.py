"""Bookings, and conversions that make one."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "2026_11_23_bookings"
down_revision = "2026_11_23_answers"
branch_labels = None
depends_on = None

# A range of text needs no extension, so that a role without rights to create one can migrate.
_TAKEN = """
CREATE TYPE booking_resource AS RANGE (subtype = text);
ALTER TABLE booking ADD CONSTRAINT ex_booking_resource EXCLUDE USING gist (
    booking_resource(lower(resource), lower(resource), '[]') WITH =,
    tstzrange(starts_at, ends_at) WITH &&
) WHERE (exclusive AND status <> 'cancelled');
"""

_MOVES = """
CREATE FUNCTION booking_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IS DISTINCT FROM OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('tentative', 'confirmed'), ('tentative', 'cancelled'),
        ('confirmed', 'tentative'), ('confirmed', 'delivered'), ('confirmed', 'cancelled'),
        ('cancelled', 'tentative')
    ) THEN
        RAISE EXCEPTION 'a booking does not move from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.quote_id IS DISTINCT FROM OLD.quote_id OR NEW.version <= OLD.version THEN
        RAISE EXCEPTION 'the quote of a booking stays and its version grows' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER booking_moves BEFORE UPDATE ON booking FOR EACH ROW EXECUTE FUNCTION booking_moves();

CREATE FUNCTION booking_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'delivered' OR OLD.quote_id IS NOT NULL THEN
        RAISE EXCEPTION 'this booking cannot be deleted' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER booking_stays BEFORE DELETE ON booking FOR EACH ROW EXECUTE FUNCTION booking_stays();
"""


def _id(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, UUID(as_uuid=False), **options)


def _when(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "booking",
        _id("id", primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("start_local", sa.DateTime(timezone=False), nullable=False, comment="as the clocks show it"),
        sa.Column("end_local", sa.DateTime(timezone=False), nullable=False, comment="all day: of the last day"),
        sa.Column("all_day", sa.Boolean, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        _when("starts_at"),
        _when("ends_at"),
        sa.Column("location", sa.Text, nullable=False),
        _id("customer_id"),
        _id("deal_uuid"),
        _id("quote_id"),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("exclusive", sa.Boolean, nullable=False),
        sa.Column("reminder_opt_out", sa.Boolean, nullable=False),
        _when("created_at"),
        _when("updated_at"),
        sa.Column("created_by_admin_id", sa.Text),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_booking_quote_id")),
        sa.CheckConstraint(
            "status IN ('tentative', 'confirmed', 'delivered', 'cancelled')", name=op.f("ck_booking_status")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_booking_version")),
        sa.CheckConstraint("ends_at > starts_at AND end_local >= start_local", name=op.f("ck_booking_period")),
        sa.CheckConstraint("NOT exclusive OR resource <> ''", name=op.f("ck_booking_resource")),
    )
    op.create_index("uq_booking_quote_id", "booking", ["quote_id"], unique=True)
    op.create_index("ix_booking_starts_at", "booking", ["starts_at", "id"])
    op.create_index("ix_booking_ends_at", "booking", ["ends_at"])
    op.create_index("ix_booking_customer_id", "booking", ["customer_id"])
    op.create_index("ix_booking_deal_uuid", "booking", ["deal_uuid"])
    op.execute(_TAKEN)
    op.execute(_MOVES)
    op.add_column("conversion", _id("booking_id", comment="made in the same transaction"))
    op.drop_constraint(op.f("ck_conversion_something"), "conversion")
    op.create_check_constraint(
        op.f("ck_conversion_something"), "conversion", "contract OR invoice OR booking_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_conversion_something"), "conversion")
    op.create_check_constraint(op.f("ck_conversion_something"), "conversion", "contract OR invoice")
    op.drop_column("conversion", "booking_id")
    op.drop_table("booking")
    op.execute("DROP FUNCTION booking_moves(); DROP FUNCTION booking_stays(); DROP TYPE booking_resource")
