"""translations by residents, until staff have looked at them; what a translating service can do"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'translation_offer',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('thing_id', sa.Integer(), nullable=False),
        sa.Column('idea_id', sa.Integer(), nullable=False),
        sa.Column('language', sa.String(length=20), nullable=False),
        sa.Column('texts', sa.JSON(), nullable=False),
        sa.Column('source', sa.String(length=64), nullable=False),
        sa.Column('origin', sa.String(length=10), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('offered_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('taken', sa.Boolean(), nullable=True),
        sa.Column('changed', sa.Boolean(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_translation_offer_idea_id'),
                                ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_translation_offer_by_id')),
        sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_translation_offer_decided_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_translation_offer')),
    )
    op.create_index('ix_translation_offer_idea_id', 'translation_offer', ['idea_id'])
    op.create_index('ix_translation_offer_by_id', 'translation_offer', ['by_id'])
    op.create_index('ix_translation_offer_waiting', 'translation_offer', ['decided_at', 'id'])
    op.create_index('ix_translation_offer_own', 'translation_offer', ['by_id', 'kind', 'thing_id', 'language'],
                    unique=True, sqlite_where=sa.text('decided_at IS NULL'),
                    postgresql_where=sa.text('decided_at IS NULL'))
    op.create_table(
        'translation_service',
        sa.Column('url', sa.String(length=300), nullable=False),
        sa.Column('targets', sa.JSON(), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('url', name=op.f('pk_translation_service')),
    )


def downgrade() -> None:
    op.drop_table('translation_service')
    op.drop_table('translation_offer')
