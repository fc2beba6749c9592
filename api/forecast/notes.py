"""What a reader must know of a forecast: short histories, gaps, dealers that open or close."""

import numpy as np

from api.dates import dated
from api.forecast.question import ForecastAddress
from api.language import gettext as _
from api.language import ngettext
from planning.dimensions import DealerPlace, Network
from planning.forecast.forecasting import Forecasts
from planning.forecast.past import Past

_MOST_NAMED = 5
_DAY = "dd MMM y"
_YEAR = 12
_QUIET = 2
_FEW = 2


def notes_of(found: Forecasts, asked: ForecastAddress, network: Network) -> list[str]:
    """Of the measure, and of the dealer or of all that are seen."""
    past = next((each for each in found.pasts if each.measure == asked.measure), None)
    dealers = [each for each in network.dealers if not asked.dealer or each.id == asked.dealer]
    if past is None:
        return []
    return [*_of_length(past), *_of_dealers(found, past, dealers), *_of_days(dealers, past)]


def _of_length(past: Past) -> list[str]:
    months = len(past.months)
    if months < _YEAR:
        told = ngettext(
            "%(count)s whole month is known: too few to try any method, or to know the season. Intervals are wide, "
            "and rest on how dealers differ.",
            "%(count)s whole months are known: too few to try any method, or to know the season. Intervals are wide, "
            "and rest on how dealers differ.",
            months,
        )
        return [told % {"count": months}]
    if months < 2 * _YEAR:
        return [
            _(
                "%(count)s months are known, less than two years: what is season and what is growth cannot be told "
                "apart for sure. Dealers lean on the season of the holding."
            )
            % {"count": months}
        ]
    return []


def _of_dealers(found: Forecasts, past: Past, dealers: list[DealerPlace]) -> list[str]:
    known = {line.dealer for line in past.lines}
    young = [
        each.shown_name
        for each in dealers
        if len(past.months) >= _YEAR
        and any(basis.is_young for node, basis in found.bases.items() if node[:2] == (past.measure, each.id))
    ]
    silent = [each.shown_name for each in dealers if each.id not in known and not _is_new(found, past, each)]
    gaps = [f"{each.shown_name} ({past.gaps[each.id]})" for each in dealers if each.id in past.gaps]
    quiet = [each.shown_name for each in dealers if _is_quiet(past, each.id)]
    told = (
        (young, _("Less than a year is known of %(names)s: their level is drawn to that of other dealers.")),
        (
            silent,
            _("Nothing is known of %(names)s, so nothing is forecast: connect a source, or enter their first day."),
        ),
        (gaps, _("Months without any data were left out, not counted as 0: %(names)s.")),
        (quiet, _("Nothing came for two months of %(names)s: if they closed, enter the day; else check the source.")),
    )
    return [sentence % {"names": _named(names)} for names, sentence in told if names]


def _is_new(found: Forecasts, past: Past, dealer: DealerPlace) -> bool:
    return any(node[:2] == (past.measure, dealer.id) for node in found.bases)


def _is_quiet(past: Past, dealer: str) -> bool:
    own = [at for at, line in enumerate(past.lines) if line.dealer == dealer]
    counts = past.counts[own]
    if not own or counts.shape[1] <= _QUIET:
        return False
    return bool(np.nan_to_num(counts[:, :-_QUIET]).max() >= _FEW and not counts[:, -_QUIET:].any())


def _of_days(dealers: list[DealerPlace], past: Past) -> list[str]:
    first = past.next_month.first
    opening = [(each.shown_name, each.opened) for each in dealers if each.opened and each.opened >= first]
    closing = [(each.shown_name, each.closed) for each in dealers if each.closed and each.closed >= first]
    return [
        *(_("%(name)s opens on %(day)s.") % {"name": name, "day": dated(day, _DAY)} for name, day in opening),
        *(
            _("%(name)s closes on %(day)s: nothing is expected after it.") % {"name": name, "day": dated(day, _DAY)}
            for name, day in closing
        ),
    ]


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return shown + (" " + _("and %(count)s more") % {"count": more} if more > 0 else "")
