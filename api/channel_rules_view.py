"""The page of channel rules: a table to edit, and what would change before it is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.bootstrap import Services
from api.dates import dated
from api.language import gettext as _
from api.numbers import written_in
from api.settings_view import settings_view
from api.table_forms import Cells, Column, EditedTable, Kind, cells_of, filled, lines_with, values_of
from api.viewer import Viewer
from attribution.answer import Answer, records
from attribution.channel_preview import FIGURES, RuleUse, preview_rules
from attribution.channel_rules import RuleSet, read_rules, rule_versions, wrongs_of_rules
from infra.access.rights import Right
from infra.errors import InvalidInput, NotReady


def columns_of_rules(channels: Sequence[str] = ()) -> Sequence[Column]:
    return (
        Column("channel", _("Channel"), _("The name that reports show."), options=channels),
        Column("source", _("Source"), _("As utm_source."), Kind.PATTERN),
        Column("medium", _("Medium"), _("As utm_medium."), Kind.PATTERN),
        Column("campaign", _("Campaign"), _("As utm_campaign."), Kind.PATTERN),
        Column("click_id", _("Click id"), _("Names of the click ids, such as gclid."), Kind.PATTERN),
        Column("referrer", _("Referring host"), _("Of the page before."), Kind.PATTERN),
    )


def cells_of_rules(rules: RuleSet) -> list[Cells]:
    return [cells_of(rule.as_dict(), columns_of_rules()) for rule in rules.rules]


def rules_view(
    services: Services,
    viewer: Viewer,
    drafted: Sequence[Cells],
    *,
    shown: int,
    based_on: int,
    done: str = "",
    error: InvalidInput | None = None,
    tried: bool = False,
) -> dict[str, Any]:
    """`drafted` are the lines of the table, which began as the version `shown`, while `based_on` was in force.

    Where the draft is `tried`, what it would change stands below it.
    """
    versions = rule_versions(services.database)
    columns = columns_of_rules(list(dict.fromkeys(cells["channel"] for cells in drafted)))
    lines = filled(drafted, columns)
    told = [values_of(cells, columns) for cells in lines]
    wrongs = wrongs_of_rules(told)
    tried_rules = _tried(services, versions[0], told) if tried and told and not wrongs else None
    kept = drafted if not wrongs else lines
    return settings_view(viewer) | {
        "table": EditedTable(columns, lines_with(kept, wrongs), is_ordered=True),
        "notes": _notes(tried_rules) if tried_rules and len(kept) == len(lines) else [],
        "preview": _preview(tried_rules) if tried_rules else None,
        "nothing_yet": tried and not wrongs and bool(told) and tried_rules is None,
        "wrongs": len(wrongs),
        "versions": [_version(each, services) for each in versions],
        "shown": shown,
        "in_force": versions[0].version,
        "based_on": based_on,
        "error": error,
        "said": {
            "kept": _(
                "The rules are in force. A new run is asked for by itself; when it ends, reports follow, the past too."
            )
        }.get(done, ""),
        "may_change": viewer.may(Right.RULES),
    }


def rules_told(drafted: Sequence[Cells]) -> list[dict[str, Any]]:
    columns = columns_of_rules()
    return [values_of(cells, columns) for cells in filled(drafted, columns)]


def _tried(services: Services, current: RuleSet, told: Sequence[Mapping[str, str]]) -> Answer | None:
    """None where nothing was attributed yet."""
    try:
        return preview_rules(services.warehouse, current.rules, read_rules(list(told)))
    except NotReady:
        return None


def _preview(answer: Answer) -> dict[str, Any]:
    moves = [
        {"from": row["from"], "to": row["to"], "cells": [written_in(each.unit, row[each.slug]) for each in FIGURES]}
        for row in records(answer.rows, frozenset())
    ]
    unmatched = answer.about["unmatched"]
    return {
        "figures": FIGURES,
        "moves": moves,
        "totals": [written_in(each.unit, answer.totals[each.slug]) for each in FIGURES],
        "examples": answer.about["examples"],
        "unmatched": {
            side: [written_in(each.unit, unmatched[side][each.slug]) for each in FIGURES]
            for side in ("before", "after")
        },
    }


def _notes(answer: Answer) -> list[dict[str, str]]:
    return [{"kind": use["use"], "text": _note(use)} for use in answer.about["rules"]]


def _note(use: Mapping[str, Any]) -> str:
    if use["use"] == RuleUse.NEVER:
        return _("matches nothing so far")
    if use["use"] == RuleUse.SHADOWED:
        return _("never holds: rule %(place)s takes all before it") % {"place": use["shadowed_by"]}
    return _("holds for %(taken)s of %(matched)s that match") % {"taken": use["taken"], "matched": use["matched"]}


def _version(each: RuleSet, services: Services) -> dict[str, Any]:
    at = dated(each.at.astimezone(services.settings.zone), "dd MMM y, HH:mm") if each.at else ""
    return {"version": each.version, "at": at, "author": each.author, "rules": len(each.rules)}
