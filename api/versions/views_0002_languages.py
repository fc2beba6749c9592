"""The language of a schedule's mails, and the view with which somebody opens a page."""

import sqlalchemy as sa
from alembic import op

revision = "views_0002"
down_revision = "views_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_schedules", sa.Column("language", sa.String(10), nullable=False, server_default=""))
    op.create_table(
        "default_views",
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("path", sa.String(200), primary_key=True),
        sa.Column("view", sa.String(16), nullable=False, index=True),
    )
