"""What attribution is told rather than computes: kept in the operational database, copied to the warehouse by runs."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlalchemy import (
    JSON,
    Boolean,
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
    insert,
    select,
)  # fmt: skip

from attribution.channels import DEFAULT_RULES, ChannelRule
from attribution.cost_tables import currency_rates, offline_media, same_campaigns
from attribution.noise.rule_sets import CHANGE as NOISE_CHANGE
from attribution.promo_codes import folded
from attribution.reference_document import (
    DEFAULT_OFFLINE_MEDIA,
    Campaign,
    Contractor,
    Dated,
    Dealer,
    Fee,
    OfflineMedium,
    PromoCode,
    ReferenceDocument,
    SelfReportedRule,
    TargetCalls,
    TrackingAddress,
    TrackingNumber,
)
from attribution.reference_seen import part_seen
from attribution.visibility import EVERYTHING, Visibility
from infra.audit import newest_change, note_change
from infra.clock import Clock
from infra.database import insert_or_meet, metadata
from infra.database.moments import UtcMoment
from infra.warehouse import Warehouse

_CHANGE = "reference"
ALWAYS, FOREVER = date(2000, 1, 1), date(2100, 1, 1)

dealers = Table(
    "dealers",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("brand", String(200), nullable=False),
    Column("city", String(200), nullable=False),
    Column("group", String(200), nullable=False),
    Column("holding", String(200), nullable=False),
    Column("opened", Date),
    Column("closed", Date),
    Column("weight", Float, nullable=False),
)
contractors = Table(
    "contractors",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("claimed_budget", Numeric(18, 4)),
    Column("claimed_romi", Float),
    Column("claimed_from", Date),
    Column("claimed_to", Date),
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
    Column("currency", String(3), nullable=False),
    Column("steps", JSON, nullable=False),
    Column("steps_of", String(20), nullable=False),
    Column("minimum", Numeric(18, 4), nullable=False),
    Column("maximum", Numeric(18, 4)),
)


def _bindings(name: str, key: Column[str]) -> Table:
    """What stands for a dealer or a source on some days."""
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        key,
        Column("dealer", String(200), nullable=False),
        Column("source", String(200), nullable=False),
        Column("medium", String(200), nullable=False),
        Column("campaign", String(200), nullable=False),
        Column("contractor", String(200), nullable=False),
        Column("since", Date, nullable=False),
        Column("until", Date, nullable=False),
    )


tracking_numbers = _bindings("tracking_numbers", Column("number", String(40), nullable=False))
tracking_addresses = _bindings("tracking_addresses", Column("address", String(320), nullable=False))
promo_codes = _bindings("promo_codes", Column("code", String(200), nullable=False))
target_calls = Table(
    "target_calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dealer", String(200), nullable=False),
    Column("talk_s", Integer, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("without_tags", JSON, nullable=False),
    Column("believe_sender", Boolean, nullable=False),
)
channel_rule_sets = Table(
    "channel_rule_sets",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("created_at", UtcMoment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("rules", JSON, nullable=False),
)
self_reported_rules = Table(
    "self_reported_rules",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("answer", String(1000), nullable=False),
    Column("channel", String(200), nullable=False),
)
untied_keys = Table(
    "untied_keys",
    metadata,
    Column("one", String(300), primary_key=True),
    Column("other", String(300), primary_key=True),
)


def replace_reference(engine: Engine, document: ReferenceDocument, *, author: str, clock: Clock) -> None:
    """Replace all by that of the document.

    Channel rules and offline media only where it has them; without offline media those that ship come back.

    All or nothing.
    """
    with engine.begin() as connection:
        before = _document(connection)
        for table in (*_KEPT_BY, contractor_fees, contractor_campaigns, contractors, dealers, self_reported_rules):
            connection.execute(delete(table))
        owners = document.contractors
        _insert(connection, dealers, [dealer.model_dump() for dealer in document.dealers])
        _insert(connection, contractors, [owner.model_dump(exclude={"campaigns", "fees"}) for owner in owners])
        _insert(
            connection,
            contractor_campaigns,
            [{"contractor": owner.id, **campaign.model_dump()} for owner in owners for campaign in owner.campaigns],
        )
        _insert(
            connection,
            contractor_fees,
            [{"contractor": owner.id, **_row(fee)} for owner in owners for fee in owner.fees],
        )
        rules = [{"position": at, **rule.model_dump()} for at, rule in enumerate(document.self_reported, 1)]
        _insert(connection, self_reported_rules, rules)
        for table in _KEPT_BY:
            _insert(connection, table, [_row(part) for part in getattr(document, table.name)])
        if document.channel_rules is not None:
            _save_rules(connection, document.channel_rules, author, clock)
        if document.offline_media is not None:
            _save_media(connection, document.offline_media)
        _note(connection, clock, author, (before, _document(connection)))


def keep_channel_rules(engine: Engine, rules: Sequence[ChannelRule], *, author: str, clock: Clock) -> int:
    """Put other channel rules in force, as a new version where they are new; the version in force."""
    with engine.begin() as connection:
        before = _document(connection)
        _save_rules(connection, rules, author, clock)
        _note(connection, clock, author, (before, _document(connection)))
        return current_rules(connection)[0]


def reference_document(engine: Engine, *, seen: Visibility = EVERYTHING) -> ReferenceDocument:
    """The reference data in force, as far as they are seen."""
    with engine.connect() as connection:
        document = _document(connection)
    return document if seen.is_everything else part_seen(document, seen)


def newest_reference(engine: Engine) -> int:
    """A number that grows with every change of what attribution is told."""
    with engine.connect() as connection:
        return max(newest_change(connection, what) for what in (_CHANGE, NOISE_CHANGE))


def current_rules(connection: Connection) -> tuple[int, tuple[ChannelRule, ...]]:
    """The newest version of the channel rules; version 0 are those that ship."""
    newest = select(channel_rule_sets).order_by(channel_rule_sets.c.version.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return (row.version, tuple(ChannelRule(**rule) for rule in row.rules)) if row else (0, tuple(DEFAULT_RULES))


def untie(engine: Engine, one: str, other: str, *, author: str, clock: Clock) -> None:
    """Undo the tie between two keys such as `phone:+79000000001` and `visitor:abc`, from the next run on."""
    first, second = sorted((one, other))
    with engine.begin() as connection:
        untie_once = insert_or_meet(connection, untied_keys).on_conflict_do_nothing()
        connection.execute(untie_once, {"one": first, "other": second})
        note_change(connection, clock, who=author, what=_CHANGE, after=f"untied {first} and {second}")


def copy_reference(engine: Engine, warehouse: Warehouse, run: int) -> int:
    """Copy all of it to the warehouse under the number of a run, and return the version of the channel rules."""
    with engine.connect() as connection:
        for table, columns in _COPIED:
            rows = connection.execute(select(*(table.c[name] for name in columns))).all()
            names = [_NAMED_OTHERWISE.get((table.name, name), name) for name in columns]
            warehouse.insert_rows(table.name, ["run", *names], [[run, *map(_as_copied, row)] for row in rows])
        bindings = [row for key, table in _NAMED_KEYS.items() for row in _bound(connection, table, key)]
        version, rules = current_rules(connection)
    warehouse.insert_rows("tracking_numbers", ["run", *_BINDING], [[run, *row] for row in bindings])
    fields = ["channel", "source", "medium", "campaign", "click_id", "referrer"]
    rows_of_rules = [[run, place, *(getattr(rule, name) for name in fields)] for place, rule in enumerate(rules, 1)]
    warehouse.insert_rows("channel_rules", ["run", "position", *fields], rows_of_rules)
    return version


def _bound(connection: Connection, table: Table, key: str) -> Iterator[list[Any]]:
    """Bindings of codes and addresses, under the keys that the warehouse knows them by."""
    for row in connection.execute(select(table)).mappings():
        name = folded(row["code"]) if table is promo_codes else row["address"]
        yield [f"{key}:{name}", *(row[each] for each in _BINDING[1:])]


_KEPT_BY = (tracking_numbers, tracking_addresses, promo_codes, target_calls)
_NAMED_KEYS = {"promo": promo_codes, "mail": tracking_addresses}
_BINDING = ("number", "dealer", "source", "medium", "campaign", "contractor", "since", "until")
_COPIED: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (dealers, ("id", "name", "brand", "city", "weight")),
    (contractor_campaigns, ("contractor", "source", "medium", "campaign")),
    (
        contractor_fees,
        (
            "id", "contractor", "since", "until", "percent", "fixed_month", "per_lead", "currency", "steps", "steps_of",
            "minimum", "maximum",
        ),
    ),
    (currency_rates, ("currency", "date", "rate")),
    (same_campaigns, ("source", "medium", "campaign", "touch_source", "touch_medium", "touch_campaign")),
    (tracking_numbers, _BINDING),
    (untied_keys, ("one", "other")),
)  # fmt: skip
_NAMED_OTHERWISE = {("dealers", "id"): "dealer", ("contractor_fees", "id"): "fee"}


def _as_copied(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))


def _save_rules(connection: Connection, rules: Sequence[ChannelRule], author: str, clock: Clock) -> None:
    """As a new version, where they are new."""
    version, known = current_rules(connection)
    if known != tuple(rules):
        row = {
            "version": version + 1,
            "created_at": clock.now(),
            "author": author,
            "rules": [rule.as_dict() for rule in rules],
        }
        connection.execute(insert(channel_rule_sets), row)


def current_offline_media(connection: Connection) -> tuple[OfflineMedium, ...]:
    """Those that were told, else those that ship."""
    found = connection.execute(select(offline_media).order_by(offline_media.c.medium)).mappings()
    return tuple(OfflineMedium.model_validate(dict(row)) for row in found) or DEFAULT_OFFLINE_MEDIA


def note_reference_change(
    connection: Connection, clock: Clock, *, author: str, before: str = "", after: str = ""
) -> None:
    """Write down what was told otherwise, in the transaction that changes it: the next run reads it."""
    note_change(connection, clock, who=author, what=_CHANGE, before=before, after=after)


def _save_media(connection: Connection, media: Sequence[OfflineMedium]) -> None:
    connection.execute(delete(offline_media))
    if tuple(media) != DEFAULT_OFFLINE_MEDIA:
        _insert(connection, offline_media, [medium.model_dump(mode="json") for medium in media])


def _note(connection: Connection, clock: Clock, author: str, change: Iterable[ReferenceDocument]) -> None:
    before, after = (json.dumps(each.as_dict(), ensure_ascii=False) for each in change)
    if before != after:
        note_change(connection, clock, who=author, what=_CHANGE, before=before, after=after)


def _document(connection: Connection) -> ReferenceDocument:
    campaigns, fees = (_rows_by_contractor(connection, table) for table in (contractor_campaigns, contractor_fees))
    return ReferenceDocument(
        dealers=tuple(Dealer(**row) for row in _rows(connection, dealers)),
        contractors=tuple(
            Contractor(
                **row,
                campaigns=tuple(Campaign(**each) for each in campaigns[row["id"]]),
                fees=tuple(Fee(**each) for each in fees[row["id"]]),
            )
            for row in _rows(connection, contractors)
        ),
        tracking_numbers=tuple(TrackingNumber(**row) for row in _rows(connection, tracking_numbers)),
        tracking_addresses=tuple(TrackingAddress(**row) for row in _rows(connection, tracking_addresses)),
        promo_codes=tuple(PromoCode(**row) for row in _rows(connection, promo_codes)),
        target_calls=tuple(TargetCalls(**row) for row in _rows(connection, target_calls)),
        channel_rules=current_rules(connection)[1],
        self_reported=tuple(SelfReportedRule(**row) for row in _answers(connection)),
        offline_media=current_offline_media(connection),
    )


def _answers(connection: Connection) -> list[dict[str, Any]]:
    table = self_reported_rules
    found = connection.execute(select(table.c.answer, table.c.channel).order_by(table.c.position))
    return [dict(row) for row in found.mappings()]


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    """In the order of their ids; without those that count rows, and with days as documents have them."""
    found = connection.execute(select(table).order_by(table.c.id)).mappings()
    counted = isinstance(table.c.id.type, Integer)
    return [_as_told({name: row[name] for name in row if not (counted and name == "id")}) for row in found]


def _rows_by_contractor(connection: Connection, table: Table) -> defaultdict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in _rows(connection, table):
        found[row.pop("contractor")].append(row)
    return found


def _as_told(row: dict[str, Any]) -> dict[str, Any]:
    if "since" in row:
        since, until = row.pop("since"), row.pop("until")
        row |= {"first": None if since == ALWAYS else since, "last": None if until == FOREVER else until}
    return row


def _row(part: BaseModel) -> dict[str, Any]:
    """As the tables have it, with days where it has any."""
    if not isinstance(part, Dated):
        return part.model_dump()
    row = part.model_dump(exclude={"first", "last"}) | {"since": part.first or ALWAYS, "until": part.last or FOREVER}
    if isinstance(part, Fee):
        row["steps"] = [step.model_dump(mode="json") for step in part.steps]
    return row
