"""drafts of ideas, kept while they are written"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('idea_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('entered', sa.JSON(), nullable=False),
    sa.Column('step', sa.String(length=20), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_idea_draft_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_idea_draft_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idea_draft')),
    sa.UniqueConstraint('key', name=op.f('uq_idea_draft_key'))
    )
    op.create_index(op.f('ix_idea_draft_idea_id'), 'idea_draft', ['idea_id'])
    op.create_index(op.f('ix_idea_draft_person_id'), 'idea_draft', ['person_id'])
    op.create_index(op.f('ix_idea_draft_changed_at'), 'idea_draft', ['changed_at'])


def downgrade() -> None:
    op.drop_table('idea_draft')
