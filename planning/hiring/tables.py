"""The table of candidates. Amounts are whole minor units of the row's currency, a month's."""

from sqlalchemy import BigInteger, Column, Date, Float, Integer, String, Table, Text

from infra.database import metadata
from infra.database.moments import UtcMoment

NAME = String(200)

hiring_candidates = Table(
    "hiring_candidates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("channel", NAME, nullable=False),
    Column("claimed_budget", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("claimed_romi", Float, nullable=False),
    Column("claimed_months", Integer, nullable=False),
    Column("weight", Float),
    Column("starts_on", Date),
    Column("state", String(20), nullable=False),
    Column("notes", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
    Column("changed_by", NAME, nullable=False),
)
