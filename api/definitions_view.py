"""The pages of measures and dimensions that users define, and of noise rules and the environment."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from api.bootstrap import Services
from api.dimension_form import DimensionDraft, draft_of
from api.language import gettext as _
from api.reference_view import kept_in_words
from api.settings_view import settings_view
from api.viewer import Viewer
from attribution.definitions import Kind
from attribution.measures import Unit
from attribution.noise.rule_sets import current_noise_rules, noise_rule_versions
from attribution.noise.rules import Action, NoiseRule, Reason, limits_of
from infra.access.rights import Right
from infra.errors import ClosedLoopError
from infra.settings import Settings

_EXAMPLE = {"rules": [{"value": "small", "when": {"product": "vesta|granta"}}], "otherwise": "other"}
SHOWN_SETTINGS = (
    "timezone", "country", "half_life_days", "custom_first", "custom_middle", "custom_last", "shared_key_limit",
    "self_reported_property", "number_lease_minutes", "number_grace_minutes", "data_stay_in_country",
    "log_retention_days", "public_url", "requests_per_minute",
)  # fmt: skip


def definitions_view(
    services: Services,
    viewer: Viewer,
    kind: Kind,
    *,
    name: str = "",
    told: Mapping[str, str] | None = None,
    draft: DimensionDraft | None = None,
    done: str = "",
    error: ClosedLoopError | None = None,
) -> dict[str, Any]:
    """All of a kind, and a form filled with the one of that name, or with what was `told`."""
    own = services.definitions.in_force(kind)
    chosen = next((each for each in own if each.name == name), None)
    filled = told or {"name": name, **(_written(kind, chosen.body) if chosen else {})}
    catalog = services.definitions.catalog()
    return settings_view(viewer) | {
        "own": [
            {
                "name": each.name,
                "version": each.version,
                "author": each.author,
                "body": each.body,
                "json": _json(each.body),
            }
            for each in own
        ],
        "built_in": [each for each in catalog.measures.values() if each.slug not in catalog.versions]
        if kind is Kind.MEASURE
        else [each.name for each in catalog.dimensions.values() if each.own is None],
        "told": filled,
        "editing": name if chosen else "",
        "units": [unit.value for unit in Unit],
        "example": _json(_EXAMPLE),
        "draft": draft or draft_of(name, chosen.body if chosen else _EXAMPLE),
        "is_json": bool(told and told.get("body")),
        "error": error,
        "said": {
            "kept": _("It is defined: reports know it from now on, for the past as well."),
            "removed": _("It is removed: reports know it no more."),
        }.get(done, ""),
        "may_change": viewer.may(Right.RULES),
    }


def noise_rules_view(
    services: Services, viewer: Viewer, *, done: str = "", error: ClosedLoopError | None = None,
    told: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:  # fmt: skip
    rules = current_noise_rules(services.database)
    drafted = {each["reason"]: each for each in told}
    return settings_view(viewer) | {
        "rules": [_noise_row(rule, drafted.get(rule.reason.value, {})) for rule in rules.rules],
        "version": rules.version,
        "versions": noise_rule_versions(services.database),
        "actions": {
            Action.OFF.value: _("off: it does not look"),
            Action.FLAG.value: _("mark: it is shown, and counts"),
            Action.EXCLUDE.value: _("leave out of all figures"),
        },
        "error": error,
        "said": kept_in_words(done),
        "may_change": viewer.may(Right.RULES),
        "zone": services.settings.zone,
    }


def environment_view(services: Services, viewer: Viewer) -> dict[str, Any]:
    """No secret, and no address of a store, which may hold one."""
    settings = services.environment
    return settings_view(viewer) | {
        "rows": [
            {
                "variable": f"CLOSEDLOOP_{name.upper()}",
                "value": _value(getattr(settings, name)),
                "is_default": name not in settings.model_fields_set,
                "text": Settings.model_fields[name].description,
            }
            for name in SHOWN_SETTINGS
        ],
    }


def _written(kind: Kind, body: Mapping[str, Any]) -> dict[str, str]:
    if kind is Kind.MEASURE:
        return {name: str(body.get(name, "")) for name in ("title", "unit", "formula")}
    return {"body": _json(body)}


def _noise_row(rule: NoiseRule, drafted: Mapping[str, str]) -> dict[str, Any]:
    limits = limits_of(rule.reason)
    return {
        "reason": rule.reason.value,
        "text": _noise_meanings()[rule.reason],
        "action": drafted.get("action", rule.action.value),
        "most": drafted.get("most", str(rule.most)) if limits.most else None,
        "seconds": drafted.get("seconds", str(rule.seconds)) if limits.seconds else None,
    }


def _noise_meanings() -> dict[Reason, str]:
    return {
        Reason.BOT: _("The browser says that it is a program."),
        Reason.RAPID_CLICKS: _("One visitor with more touches than so many within the seconds."),
        Reason.DUPLICATE_CLICK: _("The same click again within the seconds."),
        Reason.SHARED_CLICK_ID: _("One click id with more visitors than so many."),
        Reason.CROWDED_ADDRESS: _("One internet address with more visitors than so many."),
        Reason.CALL_FLOOD: _("One caller with more calls than so many."),
        Reason.SEQUENTIAL_CALLERS: _("More callers than so many from one block of numbers."),
        Reason.ULTRA_SHORT_CALL: _("A call shorter than the seconds."),
        Reason.DUPLICATE_LEAD: _("The same request again within the seconds."),
        Reason.PHONE_ACROSS_DEALERS: _("One phone at more dealers than so many."),
        Reason.MANY_PHONES: _("One visitor with more phones than so many."),
        Reason.TEST_LEAD: _("It says that it is a test."),
        Reason.INVALID_PHONE: _("Its phone is no phone number."),
        Reason.FAST_FORM: _("A form that was sent within so many seconds after the page opened."),
    }


def _json(body: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(body), option=orjson.OPT_INDENT_2).decode()


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | dict):
        return orjson.dumps(value).decode() if value else "—"
    return str(value) or "—"
