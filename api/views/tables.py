"""What is kept of views, of schedules, and of each mail that was due."""

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table, Text, UniqueConstraint

from infra.database import metadata
from infra.database.moments import UtcMoment

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("owner", String(200), nullable=False, index=True),
    Column("path", String(200), nullable=False),
    Column("query", Text, nullable=False),
    Column("period", String(20), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
)

default_views = Table(
    "default_views",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("path", String(200), primary_key=True),
    Column("view", String(16), nullable=False, index=True),
)

mail_schedules = Table(
    "mail_schedules",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("view", String(16), nullable=False, index=True),
    Column("owner", String(200), nullable=False, index=True),
    Column("form", String(10), nullable=False),
    Column("weekdays", JSON, nullable=False),
    Column("month_day", Integer, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("language", String(10), nullable=False, server_default=""),
    Column("since", UtcMoment, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
)

mailings = Table(
    "mailings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schedule", String(16), nullable=False),
    Column("due_at", UtcMoment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("delivered", JSON, nullable=False),
    Column("refused", JSON, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("unanswered", Integer, nullable=False),
    Column("next_at", UtcMoment),
    Column("taken_by", String(40)),
    Column("taken_until", UtcMoment),
    Column("finished_at", UtcMoment),
    Column("error", Text, nullable=False),
    Column("help", Text, nullable=False),
    UniqueConstraint("schedule", "due_at", name="mailings_once"),
)
