"""Tables of stock. Units are whole cars; months are texts like 2027-03."""

from sqlalchemy import Column, Date, Integer, String, Table

from infra.database import metadata
from infra.database.moments import UtcMoment

NAME = String(200)

stock_levels = Table(
    "stock_levels",
    metadata,
    Column("dealer", NAME, primary_key=True),
    Column("model", NAME, primary_key=True),
    Column("in_stock", Integer, nullable=False),
    Column("counted_on", Date, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
    Column("changed_by", NAME, nullable=False),
)
stock_transit = Table(
    "stock_transit",
    metadata,
    Column("dealer", NAME, primary_key=True),
    Column("model", NAME, primary_key=True),
    Column("arrives", String(7), primary_key=True),
    Column("units", Integer, nullable=False),
)
stock_terms = Table(
    "stock_terms",
    metadata,
    Column("brand", NAME, primary_key=True),
    Column("model", NAME, primary_key=True),
    Column("lead_days", Integer, nullable=False),
    Column("service_percent", Integer, nullable=False),
    Column("most_months", Integer, nullable=False),
)
