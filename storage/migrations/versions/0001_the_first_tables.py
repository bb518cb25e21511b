"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

from storage import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sqltypes.AutoString(), nullable=False),
        sa.Column("contactability", sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqltypes.AutoString(), nullable=True),
        sa.Column("name", sqltypes.AutoString(), nullable=True),
        sa.Column("language", sqltypes.AutoString(), nullable=True),
        sa.Column("account_id", sqltypes.AutoString(), nullable=True),
        sa.Column("account_name", sqltypes.AutoString(), nullable=True),
        sa.Column("account_value", sa.Float(), nullable=True),
        sa.Column("account_manager", sqltypes.AutoString(), nullable=True),
        sa.Column("segment", sqltypes.AutoString(), nullable=True),
        sa.Column("opted_out_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "contactability IN ('contactable', 'confidential', 'anonymous')",
            name=op.f("ck_customers_contactability_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("identity", name=op.f("uq_customers_identity")),
    )
    op.create_table(
        "lanes",
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("open_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lanes")),
    )
    op.create_table(
        "members",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqltypes.AutoString(), nullable=True),
        sa.Column("timezone", sqltypes.AutoString(), nullable=True),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("assigned_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("open_cases", sa.Integer(), server_default="0", nullable=False),
        sa.Column("home_opened_at", sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
    )
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_members_email"), ["email"], unique=False)

    op.create_table(
        "parked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sqltypes.AutoString(), nullable=False),
        sa.Column("digest", sqltypes.AutoString(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("form", sqltypes.AutoString(), nullable=True),
        sa.Column("received_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('parked', 'replayed', 'dismissed')", name=op.f("ck_parked_state_is_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked")),
        sa.UniqueConstraint("source", "digest", name=op.f("uq_parked_source_digest")),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sqltypes.AutoString(), nullable=False),
        sa.Column("applied_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("applied_by", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    op.create_table(
        "seen",
        sa.Column("key", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_seen")),
    )
    with op.batch_alter_table("seen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seen_at"), ["at"], unique=False)

    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("department", sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqltypes.AutoString(), nullable=False),
        sa.Column("owner", sqltypes.AutoString(), nullable=True),
        sa.Column("is_owner_stand_in", sa.Boolean(), nullable=False),
        sa.Column("urgency", sqltypes.AutoString(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("opened_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("waiting_since", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("claimed_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("contacted_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("resolved_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("claim_due_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("contact_due_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("tell_due_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("next_due_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("root_cause", sqltypes.AutoString(), nullable=True),
        sa.Column("root_cause_text", sa.Text(), nullable=True),
        sa.Column("what_changed", sa.Text(), nullable=True),
        sa.Column("excuse", sqltypes.AutoString(), nullable=True),
        sa.Column("excuse_text", sa.Text(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "excuse IN ('unreachable', 'opted_out', 'not_to_contact', 'duplicate', 'not_a_complaint', 'anonymous')",
            name=op.f("ck_cases_excuse_is_known"),
        ),
        sa.CheckConstraint(
            "root_cause IN ('people', 'process', 'product', 'policy', 'other')",
            name=op.f("ck_cases_root_cause_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('new', 'working', 'ready', 'told', 'excused')", name=op.f("ck_cases_state_is_known")
        ),
        sa.CheckConstraint("urgency IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_cases_urgency_is_known")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_cases_customer_id")),
        sa.ForeignKeyConstraint(["policy_version"], ["policies.id"], name=op.f("fk_cases_policy_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_customer_opened", ["customer_id", "opened_at"], unique=False)
        batch_op.create_index(
            "ix_cases_open_due",
            ["next_due_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('new', 'working', 'ready')"),
            postgresql_where=sa.text("state IN ('new', 'working', 'ready')"),
        )
        batch_op.create_index(
            "ix_cases_open_owner",
            ["owner"],
            unique=False,
            sqlite_where=sa.text("state IN ('new', 'working', 'ready')"),
            postgresql_where=sa.text("state IN ('new', 'working', 'ready')"),
        )
        batch_op.create_index(
            "uq_cases_open_customer",
            ["customer_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('new', 'working', 'ready')"),
            postgresql_where=sa.text("state IN ('new', 'working', 'ready')"),
        )

    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("excuse", sqltypes.AutoString(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by", sqltypes.AutoString(), nullable=False),
        sa.Column("asked_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decision", sqltypes.AutoString(), nullable=True),
        sa.Column("decided_by", sqltypes.AutoString(), nullable=True),
        sa.Column("decided_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("decision_text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "decision IS NULL OR decision IN ('approved', 'declined', 'withdrawn')",
            name=op.f("ck_approvals_decision_is_known"),
        ),
        sa.CheckConstraint(
            "excuse IN ('unreachable', 'opted_out', 'not_to_contact', 'duplicate', 'not_a_complaint', 'anonymous')",
            name=op.f("ck_approvals_excuse_is_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_approvals_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approvals_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "uq_approvals_open",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("decision IS NULL"),
            postgresql_where=sa.text("decision IS NULL"),
        )

    op.create_table(
        "cards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sqltypes.AutoString(), nullable=False),
        sa.Column("place", sqltypes.AutoString(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("channel", sqltypes.AutoString(), nullable=False),
        sa.Column("ts", sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_cards_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("subject", "place", name=op.f("uq_cards_subject_place")),
    )
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cards_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_cards_channel_ts", ["channel", "ts"], unique=False)

    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("by", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_events_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_case_id"), ["case_id"], unique=False)

    op.create_table(
        "intents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("lane", sqltypes.AutoString(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("leased_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'unclear', 'sent', 'dead')", name=op.f("ck_intents_state_is_known")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_intents_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
        sa.UniqueConstraint("key", name=op.f("uq_intents_key")),
    )
    with op.batch_alter_table("intents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intents_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_intents_dead",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        )
        batch_op.create_index(
            "ix_intents_held",
            ["lane"],
            unique=False,
            sqlite_where=sa.text("state IN ('sending', 'unclear')"),
            postgresql_where=sa.text("state IN ('sending', 'unclear')"),
        )
        batch_op.create_index(
            "ix_intents_pending_lanes",
            ["lane", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'sending', 'unclear')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending', 'unclear')"),
        )
        batch_op.create_index(
            "ix_intents_pending_times",
            ["not_before"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'sending', 'unclear')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending', 'unclear')"),
        )

    op.create_table(
        "outreaches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("by", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recipient", sqltypes.AutoString(), nullable=True),
        sa.Column("language", sqltypes.AutoString(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("message_id", sqltypes.AutoString(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('email', 'phone', 'meeting', 'chat', 'other')", name=op.f("ck_outreaches_channel_is_known")
        ),
        sa.CheckConstraint("kind IN ('contact', 'told')", name=op.f("ck_outreaches_kind_is_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'taken_back', 'sending', 'accepted', 'refused', 'bounced', 'unclear', 'logged')",
            name=op.f("ck_outreaches_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_outreaches_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreaches")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outreaches_message_id")),
    )
    with op.batch_alter_table("outreaches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outreaches_case_id"), ["case_id"], unique=False)

    op.create_table(
        "responses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sqltypes.AutoString(), nullable=False),
        sa.Column("external_id", sqltypes.AutoString(), nullable=False),
        sa.Column("metric", sqltypes.AutoString(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("low_end", sa.Float(), nullable=False),
        sa.Column("high_end", sa.Float(), nullable=False),
        sa.Column("direction", sqltypes.AutoString(), nullable=False),
        sa.Column("band", sqltypes.AutoString(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("form", sqltypes.AutoString(), nullable=True),
        sa.Column("touchpoint", sqltypes.AutoString(), nullable=True),
        sa.Column("language", sqltypes.AutoString(), nullable=True),
        sa.Column("url", sqltypes.AutoString(), nullable=True),
        sa.Column("submitted_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("received_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("band IN ('low', 'neutral', 'high')", name=op.f("ck_responses_band_is_known")),
        sa.CheckConstraint("metric IN ('nps', 'csat', 'ces')", name=op.f("ck_responses_metric_is_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_responses_case_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_responses_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_responses_source_external_id")),
    )
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_responses_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_responses_customer_submitted", ["customer_id", "submitted_at"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("department", sqltypes.AutoString(), nullable=False),
        sa.Column("owner", sqltypes.AutoString(), nullable=True),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("due_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_by", sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_by", sqltypes.AutoString(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'cancelled')", name=op.f("ck_tasks_state_is_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_tasks_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tasks_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_tasks_open_owner",
            ["owner"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    for statement in triggers.statements(op.get_bind().dialect.name):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first tables: restore a backup, or remove the database.")
