"""the idea pool and the desk: receivers, items, assessments, projects, answers, translations, tokens"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

# Tables in an order in which each stands behind what it points to.
TABLES = (
    'pool_message',
    'api_token',
    'pool_receiver',
    'pool_saved_view',
    'project',
    'translation',
    'follow',
    'pool_item',
    'pool_reconciliation',
    'project_milestone',
    'promise',
    'outcome',
    'pool_act',
    'pool_answer',
    'pool_board_decision',
    'pool_check',
    'pool_consensus',
    'pool_rating',
    'pool_tag',
)
BUILT_IN = 'built-in'


def upgrade() -> None:
    op.create_index('ix_idea_step_said', 'idea_step', ['id'], unique=False, sqlite_where=sa.text("statement <> ''"),
                    postgresql_where=sa.text("statement <> ''"))
    op.create_table('pool_message',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_pool_message'))
    )
    op.create_index(op.f('ix_pool_message_at'), 'pool_message', ['at'], unique=False)
    op.create_table('api_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('scopes', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('hint', sa.String(length=12), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_api_token_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('digest', name=op.f('uq_api_token_digest'))
    )
    op.create_table('pool_receiver',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=300), nullable=False),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_by_id', sa.Integer(), nullable=True),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_status', sa.Integer(), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_answer', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['paused_by_id'], ['person.id'], name=op.f('fk_pool_receiver_paused_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_receiver')),
    sa.UniqueConstraint('key', name=op.f('uq_pool_receiver_key'))
    )
    op.create_table('pool_saved_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_pool_saved_view_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_saved_view')),
    sa.UniqueConstraint('person_id', 'name', name=op.f('uq_pool_saved_view_person_id_name'))
    )
    op.create_index(op.f('ix_pool_saved_view_person_id'), 'pool_saved_view', ['person_id'], unique=False)
    op.create_table('project',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('department', sa.String(length=120), nullable=False),
    sa.Column('budget_class', sa.String(length=40), nullable=False),
    sa.Column('responsible_id', sa.Integer(), nullable=True),
    sa.Column('links', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['responsible_id'], ['person.id'], name=op.f('fk_project_responsible_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project'))
    )
    op.create_table('translation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('thing_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.String(length=20), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('origin', sa.String(length=10), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_translation_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_translation')),
    sa.UniqueConstraint('kind', 'thing_id', 'part', 'language', name=op.f('uq_translation_kind_thing_id_part_language'))
    )
    op.create_index('ix_translation_wanted', 'translation', ['done_at', 'id'], unique=False)
    op.create_table('follow',
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('on', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_follow_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_follow_person_id')),
    sa.PrimaryKeyConstraint('idea_id', 'person_id', name=op.f('pk_follow'))
    )
    op.create_index(op.f('ix_follow_person_id'), 'follow', ['person_id'], unique=False)
    op.create_table('pool_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site', sa.String(length=300), nullable=False),
    sa.Column('ref', sa.String(length=20), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=True),
    sa.Column('stage', sa.String(length=30), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('field', sa.String(length=60), nullable=False),
    sa.Column('district', sa.String(length=40), nullable=True),
    sa.Column('supporters', sa.Integer(), nullable=False),
    sa.Column('comments', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('seen_revision', sa.Integer(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('assignee_id', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('promised_on', sa.Date(), nullable=True),
    sa.Column('deadline', sa.Date(), nullable=True),
    sa.Column('priority', sa.String(length=40), nullable=False),
    sa.Column('priority_rank', sa.Integer(), nullable=False),
    sa.Column('maturity', sa.Integer(), nullable=True),
    sa.Column('benefit', sa.Integer(), nullable=True),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['assignee_id'], ['person.id'], name=op.f('fk_pool_item_assignee_id')),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_pool_item_idea_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_item')),
    sa.UniqueConstraint('idea_id', name=op.f('uq_pool_item_idea_id')),
    sa.UniqueConstraint('site', 'ref', name=op.f('uq_pool_item_site_ref'))
    )
    op.create_index('ix_pool_item_all', 'pool_item', ['changed_at', 'id'], unique=False)
    op.create_index('ix_pool_item_assignee', 'pool_item', ['assignee_id', 'changed_at', 'id'], unique=False)
    op.create_index('ix_pool_item_deadline', 'pool_item', ['deadline', 'id'], unique=False)
    op.create_index('ix_pool_item_field', 'pool_item', ['field', 'changed_at', 'id'], unique=False)
    op.create_index('ix_pool_item_project', 'pool_item', ['project_id', 'id'], unique=False)
    op.create_index('ix_pool_item_ranking', 'pool_item', ['priority_rank', 'score', 'id'], unique=False)
    op.create_index('ix_pool_item_ranking_field', 'pool_item', ['field', 'priority_rank', 'score', 'id'], unique=False)
    op.create_index('ix_pool_item_ranking_stage', 'pool_item', ['stage', 'priority_rank', 'score', 'id'], unique=False)
    op.create_index('ix_pool_item_stage', 'pool_item', ['stage', 'changed_at', 'id'], unique=False)
    op.create_index('ix_pool_item_district', 'pool_item', ['district', 'changed_at', 'id'], unique=False)
    op.create_index('ix_pool_item_language', 'pool_item', ['language', 'changed_at', 'id'], unique=False)
    op.create_index('ix_pool_item_priority', 'pool_item', ['priority', 'changed_at', 'id'], unique=False)
    op.create_index('ix_pool_item_ref', 'pool_item', ['ref'], unique=False)
    op.create_index('ix_pool_item_score', 'pool_item', ['score', 'id'], unique=False)
    op.create_index('ix_pool_item_supporters', 'pool_item', ['supporters', 'id'], unique=False)
    op.create_index('ix_pool_item_new', 'pool_item', ['changed_at', 'id'], unique=False,
                    sqlite_where=sa.text('seen_revision = 0'), postgresql_where=sa.text('seen_revision = 0'))
    op.create_index('ix_pool_item_changed', 'pool_item', ['changed_at', 'id'], unique=False,
                    sqlite_where=sa.text('seen_revision > 0 AND seen_revision < revision'), postgresql_where=sa.text('seen_revision > 0 AND seen_revision < revision'))
    op.create_index('ix_pool_item_in_project', 'pool_item', ['changed_at', 'id'], unique=False,
                    sqlite_where=sa.text('project_id IS NOT NULL'), postgresql_where=sa.text('project_id IS NOT NULL'))
    op.create_table('pool_reconciliation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('receiver_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted', sa.Integer(), nullable=False),
    sa.Column('received', sa.Integer(), nullable=False),
    sa.Column('unwritten', sa.JSON(), nullable=False),
    sa.Column('unwritten_count', sa.Integer(), nullable=False),
    sa.Column('missing', sa.JSON(), nullable=False),
    sa.Column('different', sa.JSON(), nullable=False),
    sa.Column('extra', sa.JSON(), nullable=False),
    sa.Column('missing_count', sa.Integer(), nullable=False),
    sa.Column('different_count', sa.Integer(), nullable=False),
    sa.Column('extra_count', sa.Integer(), nullable=False),
    sa.Column('repaired', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['receiver_id'], ['pool_receiver.id'], name=op.f('fk_pool_reconciliation_receiver_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_reconciliation'))
    )
    op.create_index(op.f('ix_pool_reconciliation_receiver_id'), 'pool_reconciliation', ['receiver_id'], unique=False)
    op.create_table('project_milestone',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('reached_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_milestone_project_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_milestone'))
    )
    op.create_index(op.f('ix_project_milestone_project_id'), 'project_milestone', ['project_id'], unique=False)
    op.create_table('promise',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_step_id', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('kept_step_id', sa.Integer(), nullable=True),
    sa.Column('warned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('late_warned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('reason_language', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_promise_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promise'))
    )
    op.create_index(op.f('ix_promise_idea_id'), 'promise', ['idea_id'], unique=False)
    op.create_index('ix_promise_open', 'promise', ['kept_at', 'due_on'], unique=False)
    op.create_table('outcome',
    sa.Column('step_id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('benefit', sa.Text(), nullable=False),
    sa.Column('met', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_outcome_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['step_id'], ['idea_step.id'], name=op.f('fk_outcome_step_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('step_id', name=op.f('pk_outcome'))
    )
    op.create_index(op.f('ix_outcome_idea_id'), 'outcome', ['idea_id'], unique=False)
    op.create_table('pool_act',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('about', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_pool_act_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['pool_item.id'], name=op.f('fk_pool_act_item_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_act'))
    )
    op.create_index('ix_pool_act_item', 'pool_act', ['item_id', 'id'], unique=False)
    op.create_table('pool_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('move', sa.String(length=30), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('texts', sa.JSON(), nullable=False),
    sa.Column('promised_on', sa.Date(), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('met', sa.String(length=10), nullable=False),
    sa.Column('ready', sa.Boolean(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('step_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_pool_answer_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['pool_item.id'], name=op.f('fk_pool_answer_item_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_answer'))
    )
    op.create_index('ix_pool_answer_item', 'pool_answer', ['item_id', 'published_at'], unique=False)
    op.create_index('ix_pool_answer_open', 'pool_answer', ['published_at', 'ready', 'id'], unique=False)
    op.create_table('pool_board_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('board', sa.String(length=40), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_pool_board_decision_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['pool_item.id'], name=op.f('fk_pool_board_decision_item_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_board_decision'))
    )
    op.create_index(op.f('ix_pool_board_decision_item_id'), 'pool_board_decision', ['item_id'], unique=False)
    op.create_table('pool_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('passed', sa.Boolean(), nullable=False),
    sa.Column('criteria', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_pool_check_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['pool_item.id'], name=op.f('fk_pool_check_item_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_check'))
    )
    op.create_index(op.f('ix_pool_check_item_id'), 'pool_check', ['item_id'], unique=False)
    op.create_table('pool_consensus',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('degrees', sa.JSON(), nullable=False),
    sa.Column('benefit', sa.Integer(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_pool_consensus_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['pool_item.id'], name=op.f('fk_pool_consensus_item_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_consensus'))
    )
    op.create_index(op.f('ix_pool_consensus_item_id'), 'pool_consensus', ['item_id'], unique=False)
    op.create_table('pool_rating',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('degrees', sa.JSON(), nullable=False),
    sa.Column('benefit', sa.Integer(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_pool_rating_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['pool_item.id'], name=op.f('fk_pool_rating_item_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_rating'))
    )
    op.create_index(op.f('ix_pool_rating_item_id'), 'pool_rating', ['item_id'], unique=False)
    op.create_table('pool_tag',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['pool_item.id'], name=op.f('fk_pool_tag_item_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('item_id', 'kind', 'key', name=op.f('pk_pool_tag'))
    )
    op.create_index('ix_pool_tag_key', 'pool_tag', ['kind', 'key', 'item_id'], unique=False)
    op.add_column('person', sa.Column('tells_supported', sa.Boolean(), nullable=False, server_default=sa.true()))
    for table, first in (('outbox_event', 'spread_at'), ('outbox_task', 'state')):
        name = {'outbox_event': 'ix_outbox_event_unspread', 'outbox_task': 'ix_outbox_task_state_due'}[table]
        op.drop_index(name, table_name=table)
        op.add_column(table, sa.Column('rank', sa.Integer(), nullable=False, server_default='1'))
        op.create_index(name, table, [first, 'rank', 'due', 'id'])
    _deliveries()
    op.add_column('pool_record', sa.Column('cause', sa.String(length=60), nullable=False, server_default=''))
    op.add_column('pool_record', sa.Column('reason', sa.String(length=20), nullable=False, server_default='accepted'))
    op.execute("UPDATE pool_record SET cause = 'step:' || step_id")
    with op.batch_alter_table('pool_record') as record:
        record.drop_constraint('uq_pool_record_step_id', type_='unique')
        record.create_unique_constraint('uq_pool_record_cause', ['cause'])
        record.create_index('ix_pool_record_step_id', ['step_id'])
    _items()


def _deliveries() -> None:
    """Receivers were named by their address in each line; now they have a row of their own."""
    connection = op.get_bind()
    old = sa.table('pool_delivery', *map(sa.column, ('seq', 'receiver', 'confirmed_at', 'refused')))
    rows = connection.execute(sa.select(old)).all()
    op.drop_table('pool_delivery')
    op.create_table('pool_delivery',
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('receiver_id', sa.Integer(), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refused', sa.Text(), nullable=False),
    sa.Column('refused_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['receiver_id'], ['pool_receiver.id'], name=op.f('fk_pool_delivery_receiver_id')),
    sa.ForeignKeyConstraint(['seq'], ['pool_record.seq'], name=op.f('fk_pool_delivery_seq')),
    sa.PrimaryKeyConstraint('seq', 'receiver_id', name=op.f('pk_pool_delivery'))
    )
    op.create_index('ix_pool_delivery_open', 'pool_delivery', ['receiver_id', 'confirmed_at', 'seq'])
    receiver = sa.table('pool_receiver', *map(sa.column, ('id', 'key', 'last_status', 'last_answer')))
    # The pool built in was known by the site's own address, which may have changed since.
    numbers: dict[str, int] = {}
    keys = {row.receiver: BUILT_IN if row.receiver.endswith('/api/v1/pool/inbox') else row.receiver for row in rows}
    for key in dict.fromkeys(keys.values()):
        numbers[key] = len(numbers) + 1
        connection.execute(sa.insert(receiver).values(key=key, last_status=0, last_answer=''))
        numbers[key] = connection.execute(sa.select(receiver.c.id).where(receiver.c.key == key)).scalar_one()
    delivery = sa.table('pool_delivery', *map(sa.column, ('seq', 'receiver_id', 'confirmed_at', 'refused')))
    kept = {(row.seq, numbers[keys[row.receiver]]): row for row in sorted(rows, key=lambda row: bool(row.confirmed_at))}
    lines = [{'seq': seq, 'receiver_id': number, 'confirmed_at': row.confirmed_at, 'refused': row.refused}
             for (seq, number), row in kept.items()]
    for start in range(0, len(lines), 500):
        connection.execute(sa.insert(delivery), lines[start:start + 500])


def _items() -> None:
    """What the pool holds already stands in its inbox, opened, because the office has seen it there before."""
    op.execute("""
        INSERT INTO pool_item (site, ref, idea_id, stage, title, language, field, district, supporters, comments,
                               revision, seen_revision, received_at, changed_at, priority, priority_rank)
        SELECT r.site, r.ref, i.id, COALESCE(i.state, ''), r.title, COALESCE(i.language, ''), r.field, r.district,
               r.supporters, COALESCE(i.comments, 0), r.revision, r.revision, r.received_at, r.received_at, '', 9
        FROM pool_received r LEFT JOIN pool_record p ON p.digest = r.digest LEFT JOIN idea i ON i.id = p.idea_id
        WHERE r.current""")
    # Deliveries that had failed name no receiver: they are spread anew, to each of them.
    op.execute("UPDATE outbox_task SET state = 'pending', attempts = 0, error = '' WHERE state = 'dead' "
               "AND follower = 'participation.pool.delivery.deliver'")


def downgrade() -> None:
    op.drop_index('ix_idea_step_said', 'idea_step')
    op.execute("DELETE FROM pool_delivery WHERE seq IN (SELECT seq FROM pool_record WHERE reason <> 'accepted')")
    op.execute("DELETE FROM pool_record WHERE reason <> 'accepted'")
    with op.batch_alter_table('pool_record') as record:
        record.drop_index('ix_pool_record_step_id')
        record.drop_constraint('uq_pool_record_cause', type_='unique')
        record.drop_column('cause')
        record.drop_column('reason')
        record.create_unique_constraint('uq_pool_record_step_id', ['step_id'])
    connection = op.get_bind()
    new = sa.table('pool_delivery', *map(sa.column, ('seq', 'receiver_id', 'confirmed_at', 'refused')))
    receiver = sa.table('pool_receiver', *map(sa.column, ('id', 'key')))
    rows = connection.execute(sa.select(new.c.seq, receiver.c.key, new.c.confirmed_at, new.c.refused)
                              .join(receiver, receiver.c.id == new.c.receiver_id)).all()
    op.drop_table('pool_delivery')
    op.create_table('pool_delivery',
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('receiver', sa.String(length=300), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refused', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['seq'], ['pool_record.seq'], name=op.f('fk_pool_delivery_seq')),
    sa.PrimaryKeyConstraint('seq', 'receiver', name=op.f('pk_pool_delivery'))
    )
    op.create_index('ix_pool_delivery_open', 'pool_delivery', ['receiver', 'confirmed_at', 'seq'])
    old = sa.table('pool_delivery', *map(sa.column, ('seq', 'receiver', 'confirmed_at', 'refused')))
    if rows:
        connection.execute(sa.insert(old), [{'seq': row[0], 'receiver': row[1], 'confirmed_at': row[2],
                                             'refused': row[3]} for row in rows])
    op.drop_column('person', 'tells_supported')
    for table, first in (('outbox_event', 'spread_at'), ('outbox_task', 'state')):
        name = {'outbox_event': 'ix_outbox_event_unspread', 'outbox_task': 'ix_outbox_task_state_due'}[table]
        op.drop_index(name, table_name=table)
        op.drop_column(table, 'rank')
        op.create_index(name, table, [first, 'due', 'id'])
    for table in reversed(TABLES):
        op.drop_table(table)
