"""The likely cause of an anomaly, in words: which campaigns, channels or dealers make the difference.

What changed is parted into its parts, so that their shares add up to the whole change. For CPL the whole is the money
above the usual price of the leads, cost − usual CPL × leads, which is a sum over the parts as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from attribution.anomalies.baseline import HISTORY
from attribution.anomalies.finding import Finding
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "anomalies")
_FEW, _MOST = 0.5, 0.8
_WORTH_TELLING = 0.15
_FACTS = {
    "sessions": "sessions", "calls": "calls", "leads": "leads", "spend": "media", "conversion": "leads", "cpl": "leads",
    "junk_share": "junk", "missed_share": "missed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """The parts of a subject by one grouping: per day before and since, of every fact."""

    by: str
    parts: pd.DataFrame

    def fallen(self, fact: str) -> pd.DataFrame:
        """Those that did something before, and less than half of it since."""
        usual = self.usual(fact)
        return usual[usual[f"{fact}_since"] < _FEW * usual[f"{fact}_before"]]

    def usual(self, fact: str) -> pd.DataFrame:
        """Those that together did nine tenths of it before, the largest first."""
        ordered = self.parts.sort_values([f"{fact}_before", "part"], ascending=[False, True])
        upto = ordered[f"{fact}_before"].cumsum().shift(fill_value=0)
        whole = float(ordered[f"{fact}_before"].sum())
        return ordered[(ordered[f"{fact}_before"] > 0) & (upto < 0.9 * whole)]

    def share(self, fact: str) -> "tuple[str, float] | None":
        """The part that did most of the change, and its share of it."""
        change = self.parts[f"{fact}_since"] - self.parts[f"{fact}_before"]
        return _largest(self.parts["part"], change)

    def whole(self, fact: str) -> tuple[float, float]:
        """Per day, before and since."""
        return float(self.parts[f"{fact}_before"].sum()), float(self.parts[f"{fact}_since"].sum())


def _largest(names: pd.Series, change: pd.Series) -> tuple[str, float] | None:
    whole = float(change.sum())
    if not whole:
        return None
    shares = change / whole
    place = int(shares.to_numpy().argmax())
    return str(names.iloc[place]), float(shares.iloc[place])


class Causes:
    """Looks for the cause of findings in what a run stored. `last_day` is the newest day that was judged."""

    def __init__(self, warehouse: Warehouse, run: int, timezone: str, last_day: date) -> None:
        self._warehouse = warehouse
        self._run = run
        self._timezone = timezone
        self._last_day = last_day

    def of(self, found: Finding) -> str:
        """A sentence or two; what to look at stands at the end."""
        measure = found.kind.rpartition("_")[0]
        if found.subject_kind in ("source", "page"):
            return _SILENCE[found.subject_kind]
        if found.kind in _UNMATCHED:
            return self._unmatched(found)
        tell = _TELL.get(found.kind, _told_by_parts)
        return tell(found, _FACTS[measure], [self._parts(found, by) for by in _groupings(found)])

    def _unmatched(self, found: Finding) -> str:
        campaigns = self._parts(found, "campaign")
        fact = "sessions" if found.kind == "spend_without_touches" else "media"
        ended = ", ".join(f"“{name}”" for name in campaigns.fallen(fact)["part"].head(3))
        return _UNMATCHED[found.kind].format(campaigns=f" of {ended}" if ended else "")

    def _parts(self, found: Finding, by: str) -> Change:
        first = self._last_day - timedelta(days=HISTORY - 1)
        asked = {
            "run": self._run,
            "timezone": self._timezone,
            "from": first,
            "to": self._last_day,
            "before": found.since - timedelta(days=1),
            "since": found.since,
            "subject_kind": "dealer" if found.subject_kind == "all" else found.subject_kind,
            "subject": found.subject if found.subject_kind != "all" else "all",
            "part": by,
        }
        parts = self._warehouse.frame(_SQL["parts"], asked)
        if parts.empty:
            return Change(by, pd.DataFrame(columns=["part", *_columns()]).astype(dict.fromkeys(_columns(), float)))
        days = {"before": (found.since - first).days, "since": (self._last_day - found.since).days + 1}
        daily = {name: parts[name].astype(float) / days[name.rpartition("_")[2]] for name in _columns()}
        return Change(by, parts.assign(**daily))


def _columns() -> list[str]:
    facts = ("cost", "media", "sessions", "leads", "asked", "junk", "calls", "missed")
    return [f"{fact}_{when}" for fact in facts for when in ("before", "since")]


def _groupings(found: Finding) -> tuple[str, ...]:
    return {
        "dealer": ("channel", "campaign"),
        "channel": ("campaign", "dealer"),
        "contractor": ("campaign", "dealer"),
        "all": ("channel", "dealer"),
    }[found.subject_kind]


def _told_by_parts(found: Finding, fact: str, changes: list[Change]) -> str:
    """Which part of each grouping makes most of the change."""
    said = [
        f"{change.by} “{told[0]}” makes {told[1]:.0%} of the change"
        for change in changes
        if (told := change.share(fact)) and len(change.parts) > 1 and told[1] >= _WORTH_TELLING
    ]
    return f"{_capital('; '.join(said))}." if said else "It shows in all of its parts alike."


def _told_by_fall(found: Finding, fact: str, changes: list[Change]) -> str:
    """Did all parts fall at once, or some; and did the money go on?"""
    first = next((change for change in changes if len(change.usual(fact)) > 1), changes[0])
    usual, fallen = first.usual(fact), first.fallen(fact)
    if len(usual) > 1 and len(fallen) >= _MOST * len(usual):
        said = (
            f"All {first.by}s of {found.subject} fell at once since {found.since}: {_LOOK[found.subject_kind, fact]}."
        )
    elif len(fallen):
        names = ", ".join(f"“{name}”" for name in fallen["part"].head(3))
        rest = f" ({len(usual) - len(fallen)} others did not)" if len(usual) > len(fallen) else ""
        said = f"It fell at {first.by} {names}{rest}."
    else:
        said = _told_by_parts(found, fact, changes)
    return f"{said} {_told_by_money(found, fact, changes)}".strip()


def _told_by_money(found: Finding, fact: str, changes: list[Change]) -> str:
    before, since = changes[0].whole("media")
    if before <= 0 or found.subject_kind == "dealer":
        return ""
    if since < _FEW * before:
        fell = f"from {before:,.0f} to {since:,.0f} a day"
        return f"Spend fell as well, {fell}: campaigns were paused, or their budget ended."
    campaigns = next((change for change in changes if change.by == "campaign"), None)
    if fact != "sessions" or campaigns is None:
        return f"Spend goes on ({since:,.0f} a day)."
    paid = campaigns.fallen("sessions")
    paid = paid[paid["media_since"] > _FEW * paid["media_before"]]
    if paid.empty:
        return f"Spend goes on ({since:,.0f} a day)."
    names = ", ".join(f"“{name}”" for name in paid["part"].head(3))
    return (
        f"Spend of {found.subject} goes on ({since:,.0f} a day), but touches of {names} ended: their links may have "
        "lost their UTM marks, or their pages the tracker."
    )


def _told_by_price(found: Finding, fact: str, changes: list[Change]) -> str:
    """Cost or leads, and which part pays most above the usual price."""
    (cost, cost_now), (leads, leads_now) = changes[0].whole("cost"), changes[0].whole("leads")
    if not cost or not leads:
        return _told_by_parts(found, fact, changes)
    moved = f"Cost went {_went(cost, cost_now)} and leads {_went(leads, leads_now)}."
    usual = cost / leads
    said = []
    for change in changes:
        parts = change.parts
        above = (parts["cost_since"] - usual * parts["leads_since"]) - (
            parts["cost_before"] - usual * parts["leads_before"]
        )
        told = _largest(parts["part"], above)
        if told and len(parts) > 1 and told[1] >= _WORTH_TELLING:
            said.append(f"{change.by} “{told[0]}” {told[1]:.0%}")
    return f"{moved} Of the money above the usual CPL of {usual:,.0f}: {'; '.join(said)}." if said else moved


def _went(before: float, since: float) -> str:
    change = since / before - 1
    return f"up {change:.0%}" if change >= 0.005 else f"down {-change:.0%}" if change <= -0.005 else "unchanged"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_TELL: dict[str, Callable[[Finding, str, list[Change]], str]] = {
    "sessions_low": _told_by_fall,
    "calls_low": _told_by_fall,
    "leads_low": _told_by_fall,
    "cpl_high": _told_by_price,
    "cpl_low": _told_by_price,
}
_LOOK = {
    ("dealer", "calls"): "look at the telephone line, and at the call tracking of this dealer",
    ("dealer", "leads"): "look at its forms and telephone line, and at the exchange with its CRM",
    ("dealer", "sessions"): "look at its site and the tracker on it",
    **{
        (kind, fact): "look at the tracker, at call tracking, and at the exchange with the source"
        for kind in ("channel", "contractor", "all")
        for fact in ("calls", "leads", "sessions")
    },
}
_SILENCE = {
    "source": "Its keys may have expired, or its webhook been removed: `closedloop sources list` shows its errors.",
    "page": "The tracker may be missing on these pages since a change: look whether they still load its script.",
}
_UNMATCHED = {
    "spend_without_touches": "Touches{campaigns} are missing while the money goes on: the links may have lost their "
    "UTM marks, the pages the tracker, or the marks of spend and links differ.",
    "touches_without_spend": "Spend{campaigns} is missing while clicks come: the import of costs may have stopped, or "
    "the campaigns be named otherwise there.",
}
