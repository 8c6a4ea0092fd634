"""Lists of thousands of quotes: a folded text to search in, indexes to sort by."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_listing"
down_revision = "2026_11_23_library"
branch_labels = None
depends_on = None

_FOLDED = r"""
CREATE FUNCTION folded(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN replace(
    translate(lower(regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g')), 'øłđ', 'old'), 'ß', 'ss'
)
"""
_SEARCHED = "folded((COALESCE(number, '') || ' ') || title)"


def upgrade() -> None:
    op.execute(_FOLDED)
    op.add_column(
        "quote",
        sa.Column("search_text", sa.Text, sa.Computed(_SEARCHED, persisted=True)),
    )
    op.create_index("ix_quote_figures", "quote", ["state", "currency", "total_minor"])
    op.create_index("ix_quote_total_minor", "quote", ["total_minor", "id"])
    op.create_index("ix_quote_valid_until", "quote", ["valid_until", "id"])
    op.create_index("ix_quote_title", "quote", ["title", "id"])


def downgrade() -> None:
    for name in ("title", "valid_until", "total_minor", "figures"):
        op.drop_index(f"ix_quote_{name}", "quote")
    op.drop_column("quote", "search_text")
    op.execute("DROP FUNCTION folded(text)")
