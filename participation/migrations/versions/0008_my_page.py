"""my page: when it was looked at; what people report about barriers"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('person', sa.Column('looked_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('person', sa.Column('looked_before', sa.DateTime(timezone=True), nullable=True))
    op.create_table('feedback',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('page', sa.String(length=300), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['done_by_id'], ['person.id'], name=op.f('fk_feedback_done_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback'))
    )
    op.create_index('ix_feedback_at', 'feedback', ['at'], unique=False)
    op.create_index('ix_feedback_open', 'feedback', ['done_at', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('feedback')
    op.drop_column('person', 'looked_before')
    op.drop_column('person', 'looked_at')
