"""Only responses that belong to a case are found by it: the many others need no entry."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HAS_CASE = sa.text("case_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_responses_case_id", "responses")
    op.create_index("ix_responses_case_id", "responses", ["case_id"], sqlite_where=HAS_CASE, postgresql_where=HAS_CASE)


def downgrade() -> None:
    op.drop_index("ix_responses_case_id", "responses")
    op.create_index("ix_responses_case_id", "responses", ["case_id"])
