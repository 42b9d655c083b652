"""first tables"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    
    op.create_table('heartbeat',
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_heartbeat'))
    )
    op.create_table('last_run',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_last_run'))
    )
    op.create_table('outbox_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('about', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('request_id', sa.String(length=36), nullable=False),
    sa.Column('spread_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_event')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_event_key'))
    )
    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_event_unspread', ['spread_at', 'id'], unique=False)

    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('lives_here', sa.Boolean(), nullable=False),
    sa.Column('district', sa.String(length=40), nullable=True),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('email', name=op.f('uq_person_email'))
    )
    op.create_table('pool_received',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site', sa.String(length=300), nullable=False),
    sa.Column('event', sa.String(length=60), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=20), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('field', sa.String(length=60), nullable=False),
    sa.Column('district', sa.String(length=40), nullable=True),
    sa.Column('supporters', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_received')),
    sa.UniqueConstraint('site', 'event', name=op.f('uq_pool_received_site_event')),
    sa.UniqueConstraint('site', 'seq', name=op.f('uq_pool_received_site_seq'))
    )
    with op.batch_alter_table('pool_received', schema=None) as batch_op:
        batch_op.create_index('ix_pool_received_inbox', ['current', 'id'], unique=False)
        batch_op.create_index('ix_pool_received_ref', ['ref', 'revision'], unique=False)

    op.create_table('ref_counter',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_ref_counter'))
    )
    op.create_table('sign_in_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('salt', sa.String(length=32), nullable=False),
    sa.Column('browser', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_code'))
    )
    with op.batch_alter_table('sign_in_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_code_email'), ['email'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_code_expires_at'), ['expires_at'], unique=False)

    op.create_table('idea',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=20), nullable=True),
    sa.Column('state', sa.String(length=30), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('benefit', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('field', sa.String(length=60), nullable=False),
    sa.Column('district', sa.String(length=40), nullable=True),
    sa.Column('folded', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('link_salt', sa.String(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('quorum_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('quorum_reached_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('supports', sa.Integer(), nullable=False),
    sa.Column('supports_city', sa.Integer(), nullable=False),
    sa.Column('supports_imported', sa.Integer(), nullable=False),
    sa.Column('supports_total', sa.Integer(), nullable=False),
    sa.Column('comments', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=80), nullable=True),
    sa.Column('source_id', sa.String(length=80), nullable=True),
    sa.Column('source_url', sa.String(length=500), nullable=False),
    sa.CheckConstraint('supports >= 0 AND supports_city >= 0', name=op.f('ck_idea_counts')),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_idea_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idea')),
    sa.UniqueConstraint('ref', name=op.f('uq_idea_ref')),
    sa.UniqueConstraint('source', 'source_id', name=op.f('uq_idea_source_source_id'))
    )
    with op.batch_alter_table('idea', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idea_author_id'), ['author_id'], unique=False)
        batch_op.create_index('ix_idea_list_all_discussed', ['public', 'comments', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_all_newest', ['public', 'published_at', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_all_supported', ['public', 'supports_total', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_district_discussed', ['public', 'district', 'comments', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_district_newest', ['public', 'district', 'published_at', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_district_supported', ['public', 'district', 'supports_total', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_field_discussed', ['public', 'field', 'comments', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_field_newest', ['public', 'field', 'published_at', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_field_supported', ['public', 'field', 'supports_total', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_language_discussed', ['public', 'language', 'comments', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_language_newest', ['public', 'language', 'published_at', 'id'], unique=False)
        batch_op.create_index('ix_idea_list_language_supported', ['public', 'language', 'supports_total', 'id'], unique=False)
        batch_op.create_index('ix_idea_waiting_since', ['waiting_since', 'id'], unique=False)

    op.create_table('outbox_task',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('follower', sa.String(length=60), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('due', sa.DateTime(timezone=True), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['outbox_event.id'], name=op.f('fk_outbox_task_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_task')),
    sa.UniqueConstraint('event_id', 'follower', name=op.f('uq_outbox_task_event_id_follower'))
    )
    with op.batch_alter_table('outbox_task', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_task_state_due', ['state', 'due', 'id'], unique=False)

    op.create_table('comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('thread_id', sa.Integer(), nullable=True),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('official', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=30), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('source_id', sa.String(length=80), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_comment_author_id')),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_comment_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['parent_id'], ['comment.id'], name=op.f('fk_comment_parent_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['thread_id'], ['comment.id'], name=op.f('fk_comment_thread_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment')),
    sa.UniqueConstraint('idea_id', 'source_id', name=op.f('uq_comment_idea_id_source_id'))
    )
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.create_index('ix_comment_answers', ['thread_id', 'public', 'created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_comment_author_id'), ['author_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_comment_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index('ix_comment_threads', ['idea_id', 'public', 'thread_id', 'created_at', 'id'], unique=False)
        batch_op.create_index('ix_comment_waiting_since', ['waiting_since', 'id'], unique=False)

    op.create_table('idea_step',
    sa.Column('idea_id', sa.Integer(), nullable=False),
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
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_idea_step_by_id')),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_idea_step_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idea_step'))
    )
    with op.batch_alter_table('idea_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idea_step_idea_id'), ['idea_id'], unique=False)

    op.create_table('idea_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('benefit', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('field', sa.String(length=60), nullable=False),
    sa.Column('district', sa.String(length=40), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_idea_version_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idea_version')),
    sa.UniqueConstraint('idea_id', 'number', name=op.f('uq_idea_version_idea_id_number'))
    )
    op.create_table('support',
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('from_city', sa.Boolean(), nullable=False),
    sa.Column('district', sa.String(length=40), nullable=True),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_support_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_support_person_id')),
    sa.PrimaryKeyConstraint('idea_id', 'person_id', name=op.f('pk_support'))
    )
    with op.batch_alter_table('support', schema=None) as batch_op:
        batch_op.create_index('ix_support_person_id', ['person_id', 'at'], unique=False)

    op.create_table('acceptance',
    sa.Column('step_id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('guideline', sa.String(length=60), nullable=False),
    sa.Column('benefit', sa.Text(), nullable=False),
    sa.Column('who_benefits', sa.Text(), nullable=False),
    sa.Column('supporters', sa.Integer(), nullable=False),
    sa.Column('supporters_city', sa.Integer(), nullable=False),
    sa.Column('comments', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_acceptance_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['step_id'], ['idea_step.id'], name=op.f('fk_acceptance_step_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('step_id', name=op.f('pk_acceptance'))
    )
    with op.batch_alter_table('acceptance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_acceptance_idea_id'), ['idea_id'], unique=False)

    op.create_table('comment_step',
    sa.Column('comment_id', sa.Integer(), nullable=False),
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
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_comment_step_by_id')),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_comment_step_comment_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_step'))
    )
    with op.batch_alter_table('comment_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_comment_step_comment_id'), ['comment_id'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('letter', sa.String(length=30), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=True),
    sa.Column('step_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_notice_comment_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_notice_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('key', name=op.f('uq_notice_key'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ix_notice_person', ['person_id', 'id'], unique=False)

    op.create_table('pool_record',
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('step_id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=20), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_pool_record_idea_id')),
    sa.ForeignKeyConstraint(['step_id'], ['idea_step.id'], name=op.f('fk_pool_record_step_id')),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_pool_record')),
    sa.UniqueConstraint('idea_id', 'revision', name=op.f('uq_pool_record_idea_id_revision')),
    sa.UniqueConstraint('step_id', name=op.f('uq_pool_record_step_id'))
    )
    op.create_table('pool_delivery',
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('receiver', sa.String(length=300), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refused', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['seq'], ['pool_record.seq'], name=op.f('fk_pool_delivery_seq')),
    sa.PrimaryKeyConstraint('seq', 'receiver', name=op.f('pk_pool_delivery'))
    )
    with op.batch_alter_table('pool_delivery', schema=None) as batch_op:
        batch_op.create_index('ix_pool_delivery_open', ['receiver', 'confirmed_at', 'seq'], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        # The folded text by trigrams; counters change often, so only a changed text is indexed again.
        op.execute("CREATE VIRTUAL TABLE idea_search USING fts5(folded, content='idea', content_rowid='id', "
                   "tokenize='trigram')")
        op.execute("CREATE TRIGGER idea_search_insert AFTER INSERT ON idea BEGIN "
                   "INSERT INTO idea_search(rowid, folded) VALUES (new.id, new.folded); END")
        op.execute("CREATE TRIGGER idea_search_delete AFTER DELETE ON idea BEGIN "
                   "INSERT INTO idea_search(idea_search, rowid, folded) VALUES ('delete', old.id, old.folded); END")
        op.execute("CREATE TRIGGER idea_search_update AFTER UPDATE OF folded ON idea BEGIN "
                   "INSERT INTO idea_search(idea_search, rowid, folded) VALUES ('delete', old.id, old.folded); "
                   "INSERT INTO idea_search(rowid, folded) VALUES (new.id, new.folded); END")
    else:
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute("CREATE INDEX ix_idea_folded_trigrams ON idea USING gin (folded gin_trgm_ops)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER idea_search_{name}")
        op.execute("DROP TABLE idea_search")
    for table in ("notice", "support", "pool_delivery", "pool_record", "pool_received", "comment_step", "comment",
                  "acceptance", "idea_step", "idea_version", "idea", "ref_counter", "outbox_task", "outbox_event",
                  "heartbeat", "last_run", "sign_in_code", "person"):
        op.drop_table(table)
