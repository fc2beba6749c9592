"""The table of benchmarks that users enter. Shares are between 0 and 1, money is in whole minor units."""

from sqlalchemy import BigInteger, Column, Float, Integer, String, Table, Text

from infra.database import metadata
from infra.database.moments import UtcMoment

NAME = String(200)

benchmark_figures = Table(
    "benchmark_figures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("who", NAME, nullable=False),
    Column("model", String(40), nullable=False),
    Column("figure", String(40), nullable=False),
    Column("share", Float),
    Column("amount", BigInteger),
    Column("amount_to", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("source", Text, nullable=False),
    Column("dated", String(10), nullable=False),
    Column("notes", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
    Column("changed_by", NAME, nullable=False),
)
