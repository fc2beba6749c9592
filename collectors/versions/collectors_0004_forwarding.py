"""Numbers of visits; CRMs that leads are forwarded to, and the ledger of what each was handed."""

import sqlalchemy as sa
from alembic import op

revision = "collectors_forwarding"
down_revision = "collectors_0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "visit_numbers",
        sa.Column("number", sa.String(12), primary_key=True),
        sa.Column("visitor_id", sa.String(200), nullable=False),
        sa.Column("session_id", sa.String(200), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False, index=True),
        sa.UniqueConstraint("visitor_id", "session_id"),
    )
    op.create_table(
        "forward_targets",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("system", sa.String(60), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("secrets", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT),
        sa.Column("leased_until", MOMENT),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("error_at", MOMENT),
    )
    op.create_table(
        "forwards",
        sa.Column("target", sa.String(60), sa.ForeignKey("forward_targets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("lead", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("dealer", sa.String(200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("origin", sa.JSON, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("visit_number", sa.String(12), nullable=False),
        sa.Column("remote", sa.String(200), nullable=False, index=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", MOMENT),
        sa.Column("begun_at", MOMENT),
        sa.Column("sent_at", MOMENT),
    )
    op.create_index("forwards_by_state", "forwards", ["target", "state", "next_at"])
    op.create_index("forwards_by_lead", "forwards", ["lead"])
    op.create_index("forwards_by_person", "forwards", ["target", "person"])
