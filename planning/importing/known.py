"""All that a file of somebody may name: the dealers that they see, directions, measures, channels, contractors."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from attribution.reference import contractors, current_rules
from attribution.visibility import EVERYTHING, Visibility
from planning.dimensions import known_network
from planning.directions import directions_in
from planning.importing.names import Known, Named, Names
from planning.importing.remembered import remembered_names
from planning.importing.words import Role, measure_of
from planning.measures import PLANNED

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


def known_names(connection: Connection, seen: Visibility = EVERYTHING, *, reader: str = "") -> Known:
    """With the spellings that were explained before, for everybody or by this reader."""
    told = remembered_names(connection, reader)
    channels = dict.fromkeys([rule.channel for rule in current_rules(connection)[1]] + list(_ALWAYS))
    rows = connection.execute(select(contractors.c.id, contractors.c.name))
    found: dict[Role, Iterable[Named]] = {
        Role.DEALER: [
            Named(each.id, each.name, brand=each.brand, opened=each.opened, closed=each.closed)
            for each in known_network(connection, seen).dealers
        ],
        Role.DIRECTION: [Named(each.id, each.name, _words(_DIRECTIONS, each.id)) for each in directions_in(connection)],
        Role.MEASURE: [Named(each.slug, each.title) for each in PLANNED.values()],
        Role.CHANNEL: [Named(name, "", _words(_CHANNELS, name)) for name in channels],
        Role.CONTRACTOR: [Named(row.id, row.name) for row in rows if seen.sees_contractor(row.id)],
    }
    by_words = {Role.MEASURE: measure_of}
    return Known({
        role: Names(tuple(named), told.get(role, {}), **({"by_words": by_words[role]} if role in by_words else {}))
        for role, named in found.items()
    })  # fmt: skip


def _words(of: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(of.get(key, "").split("|")) if key in of else ()
