"""The page of the account's settings: a form with what each changes, and who changed what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale
from babel.core import get_global
from starlette.datastructures import FormData

from api.account_settings_texts import GROUPS, group_texts, kind_names, labels, meanings, written_value, wrong_in_words
from api.bootstrap import Services
from api.dates import dated
from api.forms import text_of
from api.language import gettext as _
from api.language import language
from api.settings_view import settings_view
from api.viewer import Viewer
from attribution.account_settings import (
    BY_KIND,
    NAMES,
    AccountVersion,
    account_versions,
    last_changes,
    with_earlier,
    wrong_settings,
)
from attribution.runs import is_computed_by, newest_run
from infra.access.rights import Right
from infra.errors import ClosedLoopError, NotReady

_MOST_CHANGES = 20


@dataclass(frozen=True, slots=True)
class Field:
    """`value` is empty where it is as the environment says; `by_kind` are such fields for each kind of conversion."""

    name: str
    label: str
    text: str
    value: str
    environment: str
    wrong: str = ""
    set_by: str = ""
    by_kind: Sequence["Field"] = ()


def told_in(form: FormData) -> dict[str, Any]:
    """What the form says of every setting: None where it leaves it to the environment."""
    told: dict[str, Any] = {name: _entered(text_of(form, name)) for name in NAMES if name != BY_KIND}
    kinds = {kind: _entered(text_of(form, f"{BY_KIND}-{kind}")) for kind in kind_names()}
    told[BY_KIND] = {kind: days for kind, days in kinds.items() if days} or None
    return told


def account_settings_view(
    services: Services,
    viewer: Viewer,
    *,
    told: Mapping[str, Any] | None = None,
    done: str = "",
    error: ClosedLoopError | None = None,
) -> dict[str, Any]:
    """The form as what is set fills it, or as it was `told`."""
    versions = account_versions(services.database)
    newest = versions[0] if versions else AccountVersion()
    fields = _Fields(services, versions, newest.told if told is None else told)
    wrong = any(fields.wrong.values())
    return settings_view(viewer) | {
        "groups": [(*group_texts()[group], [fields.field(name) for name in names]) for group, names in GROUPS.items()],
        "currencies": _currencies(services.settings.currency, services.environment.currency),
        "truths": {"yes": _("net of VAT"), "no": _("with VAT")},
        "version": newest.version,
        "is_set": bool(newest.told),
        "error": None if wrong else error,
        "has_wrong": wrong,
        "said": _said(done),
        "may_change": viewer.may(Right.RULES),
        "may_see_log": viewer.may(Right.USERS),
        "history": list(_history(services, versions))[:_MOST_CHANGES],
        "run": _run_state(services),
    }


class _Fields:
    def __init__(self, services: Services, versions: Sequence[AccountVersion], told: Mapping[str, Any]) -> None:
        self._services = services
        self._changes = last_changes(versions)
        self._told = {name: value for name, value in told.items() if value is not None}
        self.wrong = wrong_settings(self._told)

    def field(self, name: str) -> Field:
        value = self._told.get(name)
        environment = getattr(self._services.environment, name)
        by = self._changes.get(name)
        return Field(
            name,
            labels()[name],
            meanings()[name],
            "" if value is None or name == BY_KIND else _as_entered(value),
            written_value(name, environment),
            wrong_in_words(name) if name in self.wrong and name != BY_KIND else "",
            _by(by, self._services) if by else "",
            list(self._by_kind()) if name == BY_KIND else (),
        )

    def _by_kind(self) -> Iterator[Field]:
        told = self._told.get(BY_KIND, {})
        environment = self._services.environment.lookback_days_by_kind
        for kind, label in kind_names().items():
            value = told.get(kind)
            wrong = value is not None and bool(wrong_settings({BY_KIND: {kind: value}}))
            yield Field(
                f"{BY_KIND}-{kind}",
                label,
                "",
                "" if value is None else _as_entered(value),
                str(environment.get(kind, "")),
                wrong_in_words("lookback_days") if wrong else "",
            )


def _entered(text: str) -> str | None:
    """A number in the language's form, too: 20,5 and 1 000."""
    return text.replace(",", ".").replace(" ", "").replace("\u00a0", "") or None


def _as_entered(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _by(version: AccountVersion, services: Services) -> str:
    return _("Set by %(who)s, %(when)s.") % {"who": version.author, "when": _moment(version.at, services)}


def _moment(at: datetime | None, services: Services) -> str:
    return dated(at.astimezone(services.environment.zone), "dd MMM y, HH:mm") if at else ""


def _history(services: Services, versions: Sequence[AccountVersion]) -> Iterator[dict[str, Any]]:
    """A row for each setting that a version changed, the newest first."""
    for version, earlier in with_earlier(versions):
        for name in NAMES:
            before, after = earlier.told.get(name), version.told.get(name)
            if before != after:
                yield {
                    "at": _moment(version.at, services),
                    "author": version.author,
                    "label": labels()[name],
                    "before": _of_version(name, before),
                    "after": _of_version(name, after),
                }


def _of_version(name: str, value: Any) -> str:
    return _("as the environment says") if value is None else written_value(name, value)


def _currencies(*always: str) -> list[tuple[str, str]]:
    """Codes that pay somewhere today, and those in use here, each with its name."""
    names = Locale.parse(language()).currencies
    return [(code, f"{code} · {names.get(code, code)}") for code in sorted({*_tender(), *always})]


def _tender() -> Iterable[str]:
    for used in get_global("territory_currencies").values():
        for code, _since, until, is_tender in used:
            if until is None and is_tender:
                yield code


def _said(done: str) -> str:
    return {
        "kept": _("It is set: deadlines hold from now on, and figures follow with the next run."),
        "environment": _("All is as the environment says again: figures follow with the next run."),
    }.get(done, "")


def _run_state(services: Services) -> dict[str, Any] | None:
    """The newest run, and whether it is computed by what is set; None where there is none yet."""
    try:
        run = newest_run(services.warehouse)
    except NotReady:
        return None
    return {"number": run.number, "knows": is_computed_by(run, services.settings)}
