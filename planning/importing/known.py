"""All that a file of somebody may name: the dealers that they see, directions, measures, channels, contractors."""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, select

from attribution.reference import contractors, current_rules
from attribution.visibility import EVERYTHING, Visibility
from planning.dimensions import known_network
from planning.directions import directions_in
from planning.importing.names import Known, Named, Names, nothing
from planning.importing.remembered import remembered_names
from planning.importing.words import Role, measure_of
from planning.measures import PLANNED
from planning.tables import plan_lines

_DIRECTIONS = {
    "new_car": "новые автомобили|новые авто|новые а/м|новые|нов|нові автомобілі|нові авто|нові|new cars|new car|new|nc",
    "used_car": "автомобили с пробегом|авто с пробегом|а/м с пробегом|с пробегом|бу|б/у|автомобілі з пробігом|"
    "з пробігом|трейд-ин|trade-in|used cars|used car|used|uc",
    "after_sales": "сервис|послепродажное обслуживание|постпродажа|сервис и запчасти|сто|слесарный цех|сервіс|"
    "післяпродажне обслуговування|after-sales|aftersales|after sales|service|workshop",
}  # fmt: skip
_ALWAYS = ("direct", "other")
_CHANNELS = {
    "paid_search": "контекст|контекстная реклама|контекстна реклама|paid search|ppc|cpc",
    "paid_social": "таргет|таргетированная реклама|таргетована реклама|paid social|социальные сети",
    "display": "медийная реклама|медийка|медійна реклама|display|баннеры",
    "classifieds": "классифайды|агрегаторы|доски объявлений|класифайди|classifieds",
    "organic_search": "seo|органика|органический поиск|organic search",
    "email": "e-mail|email|рассылки|почтовые рассылки",
}  # fmt: skip


def known_names(
    connection: Connection, seen: Visibility = EVERYTHING, *, reader: str = "", version: int | None = None
) -> Known:
    """With the spellings that were explained before, for everybody or by this reader.

    Channels and contractors are also those that stand in a version already.
    """
    told = remembered_names(connection, reader)
    ruled = [rule.channel for rule in current_rules(connection)[1]]
    channels = dict.fromkeys([*ruled, *_ALWAYS, *_used(connection, plan_lines.c.channel, version)])
    rows = connection.execute(select(contractors.c.id, contractors.c.name))
    agencies = dict.fromkeys(_used(connection, plan_lines.c.contractor, version), "") | {
        row.id: row.name for row in rows if seen.sees_contractor(row.id)
    }
    found: dict[Role, Iterable[Named]] = {
        Role.DEALER: [Named(each.id, each.name, brand=each.brand) for each in known_network(connection, seen).dealers],
        Role.DIRECTION: [Named(each.id, each.name, _words(_DIRECTIONS, each.id)) for each in directions_in(connection)],
        Role.MEASURE: [Named(each.slug, each.title) for each in PLANNED.values()],
        Role.CHANNEL: [Named(name, "", _words(_CHANNELS, name)) for name in channels],
        Role.CONTRACTOR: [Named(key, name) for key, name in agencies.items()],
    }
    return Known({
        role: Names(
            tuple(named),
            told.get(role, {}),
            measure_of if role is Role.MEASURE else nothing,
            takes_new=role is Role.CHANNEL,
        )
        for role, named in found.items()
    })  # fmt: skip


def _used(connection: Connection, column: ColumnElement[str], version: int | None) -> list[str]:
    if version is None:
        return []
    rows = select(column).where(plan_lines.c.version == version, column != "").distinct().order_by(column)
    return list(connection.scalars(rows))


def _words(of: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(of.get(key, "").split("|")) if key in of else ()
