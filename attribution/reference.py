"""What attribution is told rather than computes: kept in the operational database, copied to the warehouse by runs."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    Engine,
    Float,
    ForeignKey,
    Integer,
    Numeric,
    String,
    Table,
    delete,
    func,
    insert,
    select,
)  # fmt: skip

from attribution.channels import DEFAULT_RULES, ChannelRule
from infra.clock import Clock
from infra.database import insert_or_meet, metadata
from infra.database.moments import UtcMoment
from infra.warehouse import Warehouse

ALWAYS, FOREVER = date(2000, 1, 1), date(2100, 1, 1)

dealers = Table(
    "dealers",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("brand", String(200), nullable=False),
    Column("city", String(200), nullable=False),
    Column("weight", Float, nullable=False),
)
contractors = Table(
    "contractors",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("name", String(200), nullable=False),
)
contractor_campaigns = Table(
    "contractor_campaigns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contractor", String(200), ForeignKey("contractors.id"), nullable=False),
    Column("source", String(200), nullable=False),
    Column("medium", String(200), nullable=False),
    Column("campaign", String(200), nullable=False),
)
contractor_fees = Table(
    "contractor_fees",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contractor", String(200), ForeignKey("contractors.id"), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("percent", Float, nullable=False),
    Column("fixed_month", Numeric(18, 4), nullable=False),
    Column("per_lead", Numeric(18, 4), nullable=False),
)
tracking_numbers = Table(
    "tracking_numbers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(40), nullable=False),
    Column("dealer", String(200), nullable=False),
    Column("source", String(200), nullable=False),
    Column("medium", String(200), nullable=False),
    Column("campaign", String(200), nullable=False),
    Column("contractor", String(200), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
)
channel_rule_sets = Table(
    "channel_rule_sets",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("created_at", UtcMoment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("rules", JSON, nullable=False),
)
untied_keys = Table(
    "untied_keys",
    metadata,
    Column("one", String(300), primary_key=True),
    Column("other", String(300), primary_key=True),
)


def replace_reference(engine: Engine, document: Mapping[str, Any]) -> None:
    """Replace dealers, contractors and tracking numbers by those of the document (`reference.json` of the sample)."""
    with engine.begin() as connection:
        for table in (tracking_numbers, contractor_fees, contractor_campaigns, contractors, dealers):
            connection.execute(delete(table))
        _insert(connection, dealers, [_dealer(row) for row in document.get("dealers", [])])
        owners = document.get("contractors", [])
        _insert(connection, contractors, [{"id": row["id"], "name": row["name"]} for row in owners])
        _insert(
            connection,
            contractor_campaigns,
            [_campaign(row, owner) for owner in owners for row in owner["campaigns"]],
        )
        _insert(connection, contractor_fees, [_fee(row, owner["id"]) for owner in owners for row in owner["fees"]])
        _insert(connection, tracking_numbers, [_number(row) for row in document.get("tracking_numbers", [])])


def current_rules(engine: Engine) -> tuple[int, list[ChannelRule]]:
    """The newest version of the channel rules; version 0 are those that ship."""
    newest = select(channel_rule_sets).order_by(channel_rule_sets.c.version.desc()).limit(1)
    with engine.connect() as connection:
        row = connection.execute(newest).one_or_none()
    return (row.version, [ChannelRule(**rule) for rule in row.rules]) if row else (0, list(DEFAULT_RULES))


def save_rules(engine: Engine, rules: Sequence[ChannelRule], *, author: str, clock: Clock) -> int:
    """Keep the rules as a new version, and return its number."""
    with engine.begin() as connection:
        version = (connection.scalar(select(func.max(channel_rule_sets.c.version))) or 0) + 1
        row = {
            "version": version,
            "created_at": clock.now(),
            "author": author,
            "rules": [r.as_dict() for r in rules],
        }
        connection.execute(insert(channel_rule_sets), row)
    return version


def untie(engine: Engine, one: str, other: str) -> None:
    """Undo the tie between two keys such as `phone:+79000000001` and `visitor:abc`, from the next run on."""
    first, second = sorted((one, other))
    with engine.begin() as connection:
        untie_once = insert_or_meet(connection, untied_keys).on_conflict_do_nothing()
        connection.execute(untie_once, {"one": first, "other": second})


def copy_reference(engine: Engine, warehouse: Warehouse, run: int) -> int:
    """Copy all of it to the warehouse under the number of a run, and return the version of the channel rules."""
    with engine.connect() as connection:
        for table, columns in _COPIED:
            rows = connection.execute(select(*(table.c[name] for name in columns))).all()
            names = ["dealer" if table is dealers and name == "id" else name for name in columns]
            warehouse.insert_rows(table.name, ["run", *names], [[run, *row] for row in rows])
    version, rules = current_rules(engine)
    fields = ["channel", "source", "medium", "campaign", "click_id", "referrer"]
    rows_of_rules = [[run, place, *(getattr(rule, name) for name in fields)] for place, rule in enumerate(rules, 1)]
    warehouse.insert_rows("channel_rules", ["run", "position", *fields], rows_of_rules)
    return version


_COPIED: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (dealers, ("id", "name", "brand", "city", "weight")),
    (contractor_campaigns, ("contractor", "source", "medium", "campaign")),
    (contractor_fees, ("contractor", "since", "until", "percent", "fixed_month", "per_lead")),
    (tracking_numbers, ("number", "dealer", "source", "medium", "campaign", "contractor", "since", "until")),
    (untied_keys, ("one", "other")),
)


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))


def _dealer(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": row["id"], "name": row["name"], "brand": row["brand"], "city": row["city"], "weight": 1.0}


def _campaign(row: Mapping[str, Any], owner: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "contractor": owner["id"],
        **{name: row.get(name) or "" for name in ("source", "medium", "campaign")},
    }


def _fee(row: Mapping[str, Any], contractor: str) -> dict[str, Any]:
    return {
        "contractor": contractor,
        "since": _day(row.get("from"), ALWAYS),
        "until": _day(row.get("to"), FOREVER),
        "percent": float(row.get("percent") or 0),
        "fixed_month": Decimal(str(row.get("fixed_month") or 0)),
        "per_lead": Decimal(str(row.get("per_lead") or 0)),
    }


def _number(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("number", "dealer", "source", "medium", "campaign", "contractor")
    texts = {name: row.get(name) or "" for name in names}
    return texts | {"since": _day(row.get("from"), ALWAYS), "until": _day(row.get("to"), FOREVER)}


def _day(text: str | None, otherwise: date) -> date:
    return date.fromisoformat(text) if text else otherwise
