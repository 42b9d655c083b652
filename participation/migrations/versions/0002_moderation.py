"""moderation: what waits, decisions and their log, reports, appeals, edits, merging"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

# Tables in an order in which each stands behind what it points to.
TABLES = (
    'decision_log_head', 'bulk_decision', 'decision_proposal', 'moderation_note', 'bulk_entry', 'co_author',
    'idea_edit', 'moderation_hint', 'waiting', 'comment_version', 'decision', 'idea_edit_step', 'report_case',
    'appeal', 'decision_log', 'report', 'report_case_step', 'appeal_step',
    'idea_term',
)
DECIDE_DAYS = 7  # the promise that entries waiting at this moment were given; the city file is not known here
EPOCH = '1970-01-01 00:00:00'


def _column(table: str, declared: str) -> None:
    """A column with a foreign key, added without copying the table: SQLite would lose the triggers of the search."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN {declared}")


def upgrade() -> None:
    op.create_table('decision_log_head',
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('head', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_decision_log_head'))
    )
    op.create_table('bulk_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered', sa.JSON(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_bulk_decision_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_decision'))
    )
    op.create_index(op.f('ix_bulk_decision_by_id'), 'bulk_decision', ['by_id'], unique=False)
    op.create_table('decision_proposal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('thing_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_decision_proposal_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision_proposal')),
    sa.UniqueConstraint('kind', 'thing_id', name=op.f('uq_decision_proposal_kind_thing_id'))
    )
    op.create_table('moderation_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('thing_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('handed_to_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_moderation_note_by_id')),
    sa.ForeignKeyConstraint(['handed_to_id'], ['person.id'], name=op.f('fk_moderation_note_handed_to_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_moderation_note'))
    )
    op.create_index('ix_moderation_note_thing', 'moderation_note', ['kind', 'thing_id', 'id'], unique=False)
    op.create_table('bulk_entry',
    sa.Column('bulk_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('key', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('decided', sa.Boolean(), nullable=False),
    sa.Column('trouble', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['bulk_id'], ['bulk_decision.id'], name=op.f('fk_bulk_entry_bulk_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('bulk_id', 'place', name=op.f('pk_bulk_entry'))
    )
    op.create_table('co_author',
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['from_id'], ['idea.id'], name=op.f('fk_co_author_from_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_co_author_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_co_author_person_id')),
    sa.PrimaryKeyConstraint('idea_id', 'from_id', name=op.f('pk_co_author'))
    )
    op.create_index(op.f('ix_co_author_person_id'), 'co_author', ['person_id'], unique=False)
    op.create_table('idea_edit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=30), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('benefit', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('base', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_idea_edit_author_id')),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_idea_edit_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idea_edit'))
    )
    op.create_index(op.f('ix_idea_edit_idea_id'), 'idea_edit', ['idea_id'], unique=False)
    op.create_table('moderation_hint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('thing_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=20), nullable=False),
    sa.Column('passage', sa.String(length=200), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['other_id'], ['idea.id'], name=op.f('fk_moderation_hint_other_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_moderation_hint'))
    )
    op.create_index('ix_moderation_hint_key', 'moderation_hint', ['key', 'kind', 'thing_id'], unique=False)
    op.create_index(op.f('ix_moderation_hint_other_id'), 'moderation_hint', ['other_id'], unique=False)
    op.create_index('ix_moderation_hint_thing', 'moderation_hint', ['kind', 'thing_id', 'key'], unique=False)
    op.create_table('waiting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('thing_id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=True),
    sa.Column('field', sa.String(length=60), nullable=False),
    sa.Column('district', sa.String(length=40), nullable=True),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('cause', sa.String(length=10), nullable=False),
    sa.Column('holder_id', sa.Integer(), nullable=True),
    sa.Column('held_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['holder_id'], ['person.id'], name=op.f('fk_waiting_holder_id')),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_waiting_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting')),
    sa.UniqueConstraint('kind', 'thing_id', name=op.f('uq_waiting_kind_thing_id'))
    )
    op.create_index('ix_waiting_due', 'waiting', ['rank', 'due', 'id'], unique=False)
    op.create_index('ix_waiting_holder_id', 'waiting', ['holder_id', 'held_until'], unique=False)
    op.create_index(op.f('ix_waiting_idea_id'), 'waiting', ['idea_id'], unique=False)
    op.create_index('ix_waiting_kind_due', 'waiting', ['kind', 'rank', 'due', 'id'], unique=False)
    op.create_table('comment_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_comment_version_comment_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_version')),
    sa.UniqueConstraint('comment_id', 'number', name=op.f('uq_comment_version_comment_id_number'))
    )
    op.create_table('decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('thing_id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=True),
    sa.Column('comment_id', sa.Integer(), nullable=True),
    sa.Column('addressee_id', sa.Integer(), nullable=True),
    sa.Column('move', sa.String(length=30), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('statement_language', sa.String(length=20), nullable=False),
    sa.Column('automated', sa.Boolean(), nullable=False),
    sa.Column('hinted', sa.Boolean(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
    sa.Column('step_id', sa.Integer(), nullable=True),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('undo_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('appeal_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('salt', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['addressee_id'], ['person.id'], name=op.f('fk_decision_addressee_id')),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_decision_by_id')),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_decision_comment_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['person.id'], name=op.f('fk_decision_confirmed_by_id')),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_decision_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision'))
    )
    op.create_index(op.f('ix_decision_addressee_id'), 'decision', ['addressee_id'], unique=False)
    op.create_index('ix_decision_at', 'decision', ['at', 'id'], unique=False)
    op.create_index(op.f('ix_decision_comment_id'), 'decision', ['comment_id'], unique=False)
    op.create_index(op.f('ix_decision_idea_id'), 'decision', ['idea_id'], unique=False)
    op.create_index('ix_decision_thing', 'decision', ['kind', 'thing_id', 'id'], unique=False)
    op.create_table('idea_edit_step',
    sa.Column('edit_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('move', sa.String(length=30), nullable=False),
    sa.Column('from_state', sa.String(length=30), nullable=False),
    sa.Column('to_state', sa.String(length=30), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=10), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('statement_language', sa.String(length=20), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('undone', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_idea_edit_step_by_id')),
    sa.ForeignKeyConstraint(['edit_id'], ['idea_edit.id'], name=op.f('fk_idea_edit_step_edit_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idea_edit_step'))
    )
    op.create_index(op.f('ix_idea_edit_step_edit_id'), 'idea_edit_step', ['edit_id'], unique=False)
    op.create_table('report_case',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=30), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('reports', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_report_case_comment_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_report_case_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_case'))
    )
    op.create_index(op.f('ix_report_case_comment_id'), 'report_case', ['comment_id'], unique=False)
    op.create_index(op.f('ix_report_case_idea_id'), 'report_case', ['idea_id'], unique=False)
    op.create_table('appeal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=True),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=30), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reply_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_appeal_author_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_appeal_decision_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_appeal_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal')),
    sa.UniqueConstraint('decision_id', name=op.f('uq_appeal_decision_id'))
    )
    op.create_index(op.f('ix_appeal_author_id'), 'appeal', ['author_id'], unique=False)
    op.create_index(op.f('ix_appeal_idea_id'), 'appeal', ['idea_id'], unique=False)
    op.create_table('decision_log',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('move', sa.String(length=30), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('rule', sa.String(length=80), nullable=False),
    sa.Column('automated', sa.Boolean(), nullable=False),
    sa.Column('salt', sa.String(length=64), nullable=False),
    sa.Column('entry_digest', sa.String(length=64), nullable=False),
    sa.Column('text_digest', sa.String(length=64), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_decision_log_decision_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_decision_log')),
    sa.UniqueConstraint('decision_id', name=op.f('uq_decision_log_decision_id'))
    )
    op.create_table('report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(length=40), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('salt', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['report_case.id'], name=op.f('fk_report_case_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_report_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('case_id', 'person_id', name=op.f('uq_report_case_id_person_id'))
    )
    op.create_index('ix_report_at', 'report', ['at', 'id'], unique=False)
    op.create_index(op.f('ix_report_person_id'), 'report', ['person_id'], unique=False)
    op.create_table('report_case_step',
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('move', sa.String(length=30), nullable=False),
    sa.Column('from_state', sa.String(length=30), nullable=False),
    sa.Column('to_state', sa.String(length=30), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=10), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('statement_language', sa.String(length=20), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('undone', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_report_case_step_by_id')),
    sa.ForeignKeyConstraint(['report_id'], ['report_case.id'], name=op.f('fk_report_case_step_report_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_case_step'))
    )
    op.create_index(op.f('ix_report_case_step_report_id'), 'report_case_step', ['report_id'], unique=False)
    op.create_table('appeal_step',
    sa.Column('appeal_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('move', sa.String(length=30), nullable=False),
    sa.Column('from_state', sa.String(length=30), nullable=False),
    sa.Column('to_state', sa.String(length=30), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=10), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('statement_language', sa.String(length=20), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('undone', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['appeal_id'], ['appeal.id'], name=op.f('fk_appeal_step_appeal_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_appeal_step_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal_step'))
    )
    op.create_index(op.f('ix_appeal_step_appeal_id'), 'appeal_step', ['appeal_id'], unique=False)

    op.create_table('idea_term',
    sa.Column('term', sa.String(length=40), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_idea_term_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('term', 'idea_id', name=op.f('pk_idea_term')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_idea_term_idea_id', 'idea_term', ['idea_id'])
    false = sa.false()
    op.add_column('comment', sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
    op.add_column('comment', sa.Column('masked', sa.Boolean(), nullable=False, server_default=false))
    for table in ('comment_step', 'idea_step'):
        op.add_column(table, sa.Column('event_id', sa.Integer(), nullable=True))
        op.add_column(table, sa.Column('undone', sa.Boolean(), nullable=False, server_default=false))
    op.add_column('idea', sa.Column('origin', sa.String(length=20), nullable=False, server_default=''))
    op.add_column('idea', sa.Column('author_name', sa.String(length=80), nullable=False, server_default=''))
    op.add_column('idea', sa.Column('masked', sa.Boolean(), nullable=False, server_default=false))
    _column('idea', 'entered_by_id INTEGER CONSTRAINT fk_idea_entered_by_id REFERENCES person (id)')
    _column('idea', 'merged_into_id INTEGER CONSTRAINT fk_idea_merged_into_id REFERENCES idea (id)')
    op.create_index('ix_idea_merged_into_id', 'idea', ['merged_into_id'])
    _column('support', 'carried_from_id INTEGER CONSTRAINT fk_support_carried_from_id REFERENCES idea (id)')
    op.add_column('idea_version', sa.Column('cause', sa.String(length=20), nullable=False, server_default='author'))
    op.add_column('notice', sa.Column('email', sa.String(length=254), nullable=False, server_default=''))
    op.add_column('notice', sa.Column('language', sa.String(length=20), nullable=False, server_default=''))
    op.add_column('notice', sa.Column('about', sa.JSON(), nullable=False, server_default='{}'))
    with op.batch_alter_table('notice') as notice:
        notice.alter_column('person_id', existing_type=sa.Integer(), nullable=True)
        notice.alter_column('idea_id', existing_type=sa.Integer(), nullable=True)
    op.add_column('outbox_event', sa.Column('due', sa.DateTime(timezone=True), nullable=False, server_default=EPOCH))
    op.execute("UPDATE outbox_event SET due = at")
    op.drop_index('ix_outbox_event_unspread', table_name='outbox_event')
    op.create_index('ix_outbox_event_unspread', 'outbox_event', ['spread_at', 'due', 'id'])
    op.add_column('person', sa.Column('fields', sa.Text(), nullable=False, server_default=''))
    op.add_column('person', sa.Column('districts', sa.Text(), nullable=False, server_default=''))
    op.add_column('person', sa.Column('trusted', sa.Boolean(), nullable=False, server_default=false))
    op.add_column('person', sa.Column('blocked_until', sa.DateTime(timezone=True), nullable=True))
    _carry_what_waits()
    for table in ('idea', 'comment'):
        op.drop_index(f'ix_{table}_waiting_since', table_name=table)
        op.drop_column(table, 'waiting_since')


def _carry_what_waits() -> None:
    """What waits already stands in the new queue, with the promise it was given."""
    connection = op.get_bind()
    at = sa.DateTime(timezone=True)
    idea = sa.table('idea', *map(sa.column, ('id', 'field', 'district', 'language')), sa.column('waiting_since', at))
    comment = sa.table('comment', *map(sa.column, ('id', 'idea_id', 'language')), sa.column('waiting_since', at))
    names = ('kind', 'thing_id', 'idea_id', 'field', 'district', 'language', 'cause', 'rank')
    waiting = sa.table('waiting', *map(sa.column, names), sa.column('since', at), sa.column('due', at))
    ideas = sa.select(sa.literal('idea'), idea.c.id, idea.c.id, idea.c.field, idea.c.district, idea.c.language,
                      idea.c.waiting_since).where(idea.c.waiting_since.is_not(None))
    comments = (sa.select(sa.literal('comment'), comment.c.id, comment.c.idea_id, idea.c.field, idea.c.district,
                          comment.c.language, comment.c.waiting_since)
                .join(idea, idea.c.id == comment.c.idea_id).where(comment.c.waiting_since.is_not(None)))
    for query in (ideas, comments):
        rows = [{'kind': row[0], 'thing_id': row[1], 'idea_id': row[2], 'field': row[3], 'district': row[4],
                 'language': row[5], 'since': row[6], 'due': row[6] + timedelta(days=DECIDE_DAYS), 'cause': '', 'rank': 1}
                for row in connection.execute(query)]
        for start in range(0, len(rows), 500):
            connection.execute(sa.insert(waiting), rows[start:start + 500])


def downgrade() -> None:
    at = sa.DateTime(timezone=True)
    for table in ('idea', 'comment'):
        op.add_column(table, sa.Column('waiting_since', at, nullable=True))
        op.create_index(f'ix_{table}_waiting_since', table, ['waiting_since', 'id'])
        op.execute(f"UPDATE {table} SET waiting_since = (SELECT since FROM waiting WHERE kind = '{table}' "
                   f"AND cause = '' AND thing_id = {table}.id)")
    for column in ('blocked_until', 'trusted', 'districts', 'fields'):
        op.drop_column('person', column)
    op.drop_index('ix_outbox_event_unspread', table_name='outbox_event')
    op.create_index('ix_outbox_event_unspread', 'outbox_event', ['spread_at', 'id'])
    op.drop_column('outbox_event', 'due')
    op.execute("DELETE FROM notice WHERE person_id IS NULL OR idea_id IS NULL")
    with op.batch_alter_table('notice') as notice:
        notice.alter_column('idea_id', existing_type=sa.Integer(), nullable=False)
        notice.alter_column('person_id', existing_type=sa.Integer(), nullable=False)
        for column in ('about', 'language', 'email'):
            notice.drop_column(column)
    op.drop_column('idea_version', 'cause')
    op.drop_index('ix_idea_merged_into_id', table_name='idea')
    for table, column in (('support', 'carried_from_id'), ('idea', 'merged_into_id'), ('idea', 'entered_by_id'),
                          ('idea', 'masked'), ('idea', 'author_name'), ('idea', 'origin'), ('idea_step', 'undone'),
                          ('idea_step', 'event_id'), ('comment_step', 'undone'), ('comment_step', 'event_id'),
                          ('comment', 'masked'), ('comment', 'version')):
        op.drop_column(table, column)
    for table in reversed(TABLES):
        op.drop_table(table)
