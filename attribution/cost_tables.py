"""What people tell of costs: rates of currencies, campaigns that are the same, and how long offline media last."""

from sqlalchemy import JSON, Column, Date, Float, Integer, Numeric, String, Table, UniqueConstraint

from infra.database import metadata

currency_rates = Table(
    "currency_rates",
    metadata,
    Column("currency", String(3), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("rate", Numeric(24, 10), nullable=False),
)
same_campaigns = Table(
    "same_campaigns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(500), nullable=False),
    Column("medium", String(500), nullable=False),
    Column("campaign", String(500), nullable=False),
    Column("touch_source", String(500), nullable=False),
    Column("touch_medium", String(500), nullable=False),
    Column("touch_campaign", String(500), nullable=False),
    UniqueConstraint("source", "medium", "campaign", name="same_campaigns_once"),
)
offline_media = Table(
    "offline_media",
    metadata,
    Column("medium", String(200), primary_key=True),
    Column("marks", JSON, nullable=False),
    Column("half_life_days", Float, nullable=False),
)
