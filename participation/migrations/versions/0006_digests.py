"""news in one letter a day or a week: how often a person wants it, and which letter gathers a notice"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('person', sa.Column('digest', sa.String(length=10), nullable=False, server_default='at_once'))
    op.add_column('notice', sa.Column('digest_id', sa.Integer(), nullable=True))
    op.create_index('ix_notice_gathered', 'notice', ['digest_id', 'person_id', 'id'], unique=False,
                    sqlite_where=sa.text('digest_id IS NOT NULL'), postgresql_where=sa.text('digest_id IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_notice_gathered', table_name='notice')
    op.drop_column('notice', 'digest_id')
    op.drop_column('person', 'digest')
