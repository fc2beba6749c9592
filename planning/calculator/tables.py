"""The table of scenarios of the calculator. What is asked and answered is kept as JSON has it."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table

from infra.database import metadata
from infra.database.moments import UtcMoment

NAME = String(200)

calculator_scenarios = Table(
    "calculator_scenarios",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("dealer", NAME, nullable=False),
    Column("year", Integer, nullable=False),
    Column("month", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("asked", JSON, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("created_by", NAME, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
    Column("changed_by", NAME, nullable=False),
    Index("calculator_scenarios_of_dealer", "dealer", "year", "month"),
)
