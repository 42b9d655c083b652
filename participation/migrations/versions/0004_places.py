"""where an idea is about: a place by name, a point on the map; what is near the quorum"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PLACED = sa.text("place IS NOT NULL OR latitude IS NOT NULL")
_COUNTED = sa.text("ref IS NOT NULL")
_OPEN = sa.text("quorum_reached_at IS NULL")
_FILTERS: dict[str, list[str]] = {"all": [], "field": ["field"], "district": ["district"], "language": ["language"]}


def upgrade() -> None:
    for table in ("idea", "idea_version"):
        op.add_column(table, sa.Column("place", sa.String(40)))
        op.add_column(table, sa.Column("latitude", sa.Float()))
        op.add_column(table, sa.Column("longitude", sa.Float()))
    for name, columns in _FILTERS.items():
        op.create_index(f"ix_idea_placed_{name}", "idea", ["public", *columns, "published_at", "id"],
                        sqlite_where=_PLACED, postgresql_where=_PLACED)
    op.create_index("ix_idea_counted", "idea", ["public", "district", "field", "language", "ref"],
                    sqlite_where=_COUNTED, postgresql_where=_COUNTED)
    op.create_index("ix_idea_nearing", "idea", ["public", "supports_city", "id"], sqlite_where=_OPEN,
                    postgresql_where=_OPEN)


def downgrade() -> None:
    for name in ("ix_idea_nearing", "ix_idea_counted", *(f"ix_idea_placed_{each}" for each in _FILTERS)):
        op.drop_index(name, "idea")
    for table in ("idea", "idea_version"):
        for column in ("longitude", "latitude", "place"):
            op.drop_column(table, column)
