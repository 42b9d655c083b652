"""where an idea is about: a place by name, a point on the map"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PLACED = sa.text("place IS NOT NULL OR latitude IS NOT NULL")


def upgrade() -> None:
    for table in ("idea", "idea_version"):
        op.add_column(table, sa.Column("place", sa.String(40)))
        op.add_column(table, sa.Column("latitude", sa.Float()))
        op.add_column(table, sa.Column("longitude", sa.Float()))
    op.create_index("ix_idea_placed", "idea", ["public", "published_at", "id"], sqlite_where=_PLACED,
                    postgresql_where=_PLACED)


def downgrade() -> None:
    op.drop_index("ix_idea_placed", "idea")
    for table in ("idea", "idea_version"):
        for column in ("longitude", "latitude", "place"):
            op.drop_column(table, column)
