"""The hiring sheet: candidates beside contractors that were measured."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from api.bootstrap import Services
from api.forms import text_of
from api.language import gettext as _
from api.language import ngettext
from api.numbers import written_in
from api.viewer import Viewer
from api.whiskers import Triple, scale_for, whisker
from attribution.answer import Answer, Period
from attribution.contractors import ContractorQuestion, contractor_report
from attribution.measures import Unit
from attribution.runs import newest_run
from infra.access.rights import Right
from infra.errors import InvalidInput, NotReady
from planning.hiring.candidates import Candidate, CandidateState, ToldCandidate, known_candidates
from planning.hiring.judging import Judgement
from planning.hiring.measured import Claims, claims_of
from planning.hiring.sheet import HiringSheet, hiring_sheet, sheet_answer
from planning.history import history, months_before
from planning.media.months import month_of
from planning.money import told_amount

MONTHS = 12
_EXPORTS = [(form, f"/api/hiring?format={form}") for form in ("csv", "xlsx", "parquet", "json")]


def sheet_for(services: Services) -> HiringSheet:
    """By the last twelve whole months. Raises `NotReady` where nothing was attributed yet."""
    span = months_before(month_of(services.today), MONTHS)
    timezone, run = services.settings.timezone, newest_run(services.warehouse).number
    by = ("contractor", "channel")
    told = services.per_run.answer(
        run, ("hiring", span, timezone), lambda: history(services.warehouse, span, timezone, by)
    )
    return hiring_sheet(known_candidates(services.database), told, _claims(services))


def _claims(services: Services) -> Claims:
    """How contractors' own claims held, on the days that each claims for."""
    span = months_before(month_of(services.today), MONTHS)
    question = ContractorQuestion(Period(span.first.first, span.last.last))
    rows = contractor_report(services.warehouse, services.database, question, services.settings.timezone).rows
    told = rows.dropna(subset=["claimed_romi", "measured_romi"])
    return claims_of(told["claimed_romi"].tolist(), told["measured_romi"].tolist())


def hiring_answer(services: Services) -> Answer:
    """Raises `NotReady`."""
    return sheet_answer(sheet_for(services), newest_run(services.warehouse), services.settings.currency)


def hiring_view(services: Services, viewer: Viewer, filled: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    sheet = sheet_for(services)
    measured = sheet.measured[""]
    romis, pooled, errors = (each.tolist() for each in (measured.returns - 1, measured.estimates - 1, measured.errors))
    drawn: list[tuple[str, str, float | None, Triple]] = [
        (name, "", romi, (mean, max(mean - 1.2816 * error, -1.0), mean + 1.2816 * error))
        for name, romi, mean, error in zip(measured.contractors, romis, pooled, errors, strict=True)
    ]
    drawn += [
        (each.told.name, each.told.channel, each.told.claimed_romi, (judged.expected, judged.low, judged.high))
        for each, judged in sheet.rows
    ]
    scale = scale_for([*(triple for *_rest, triple in drawn), *((value, value, value) for _n, _c, value, _t in drawn)])
    return {
        "is_measured": measured.is_known,
        "drawn": [
            {
                "name": name,
                "channel": channel,
                "point": written_in(Unit.SHARE, value),
                "mean": written_in(Unit.SHARE, triple[0]),
                "interval": _interval(triple[1], triple[2]),
                "at": None if value is None else round(min(max(scale.at(value), 0), 100), 2),
                "whisker": whisker(scale, triple),
            }
            for name, channel, value, triple in drawn
        ],
        "rows": [_written(each, judged) for each, judged in sheet.rows],
        "centre": written_in(Unit.SHARE, measured.centre - 1),
        "spread": written_in(Unit.SHARE, measured.between**0.5),
        "claims": sheet.claims,
        "bias": written_in(Unit.SHARE, sheet.claims.bias),
        "currency": services.settings.currency,
        "may_change": may_hire(viewer),
        "states": _states(),
        "filled": filled or {},
        "channels": sorted({each.told.channel for each, _judged in sheet.rows} | _channels(services)),
        "exports": _EXPORTS,
    }


def may_hire(viewer: Viewer) -> bool:
    return viewer.may(Right.PLANS) and not viewer.is_limited


def _channels(services: Services) -> set[str]:
    span = months_before(month_of(services.today), MONTHS)
    try:
        rows = history(services.warehouse, span, services.settings.timezone, ("channel",))
    except NotReady:
        return set()
    return {name for name in rows["channel"] if not name.startswith("(")}


def _states() -> dict[str, str]:
    return {
        CandidateState.CONSIDERED.value: _("considered"),
        CandidateState.ON_TRIAL.value: _("on trial"),
        CandidateState.HIRED.value: _("hired"),
        CandidateState.REFUSED.value: _("refused"),
    }


def _interval(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "—"
    return _("%(low)s to %(high)s") % {"low": written_in(Unit.SHARE, low), "high": written_in(Unit.SHARE, high)}


def _written(candidate: Candidate, judged: Judgement) -> dict[str, Any]:
    told = candidate.told
    shares = ("percentile", "weight", "expected", "claim_chance", "incumbent_romi", "beats")
    return {
        "id": candidate.id,
        "revision": candidate.revision,
        "name": told.name,
        "channel": told.channel,
        "budget": written_in(Unit.MONEY, told_amount(told.claimed_budget)),
        "claimed": written_in(Unit.SHARE, told.claimed_romi),
        "months": told.claimed_months,
        "starts_on": str(told.starts_on or ""),
        "notes": told.notes,
        "state": told.state.value,
        **{name: written_in(Unit.SHARE, getattr(judged, name)) for name in shares},
        "interval": _interval(judged.low, judged.high),
        "incumbent": judged.incumbent or "—",
        "advice": _advice(judged),
        "form": {
            "name": told.name, "channel": told.channel, "claimed_budget": f"{told_amount(told.claimed_budget):g}",
            "claimed_romi": f"{told.claimed_romi * 100:g}", "claimed_months": str(told.claimed_months),
            "weight": "" if told.weight is None else f"{told.weight * 100:g}",
            "starts_on": str(told.starts_on or ""), "state": told.state.value, "notes": told.notes,
        },
    }  # fmt: skip


def _advice(judged: Judgement) -> str:
    budget, months = written_in(Unit.MONEY, judged.trial_budget), judged.trial_months or 0
    if judged.trial_says == "ask":
        return ngettext(
            "Ask for a trial of %(budget)s over %(months)s month: then it shows whether the claim holds.",
            "Ask for a trial of %(budget)s over %(months)s months: then it shows whether the claim holds.",
            months,
        ) % {"budget": budget, "months": months}
    if judged.trial_says == "too_long":
        return _("To tell would take %(budget)s, %(months)s months of its budget: ask for proof of another kind.") % {
            "budget": budget, "months": months,
        }  # fmt: skip
    if judged.trial_says == "claims_less":
        return _("It does not even claim to bring more than is brought now.")
    return _("Too little was measured to design a trial.")


def read_candidate(form: FormData) -> ToldCandidate:
    """As the form sends it: percents, whole money. Raises `InvalidInput`, which names the field."""
    weight, starts = text_of(form, "weight"), text_of(form, "starts_on")
    state = text_of(form, "state") or CandidateState.CONSIDERED.value
    if state not in set(CandidateState):
        raise InvalidInput(f"There is no state {state!r}.", where="state", help="Choose one of the list.")
    return ToldCandidate(
        text_of(form, "name"),
        text_of(form, "channel"),
        round(_number(form, "claimed_budget") * 100),
        "",
        _number(form, "claimed_romi") / 100,
        round(_number(form, "claimed_months", "3")),
        _number(form, "weight") / 100 if weight else None,
        _day(starts),
        CandidateState(state),
        text_of(form, "notes")[:4000],
    )


def _number(form: FormData, name: str, otherwise: str = "") -> float:
    text = "".join((text_of(form, name) or otherwise).replace(",", ".").split())
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if found != found or abs(found) > 1e15:
        raise InvalidInput(f"{name}: {text!r} is no number.", where=name, help="Write it as 120000 or 1.5.")
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(f"{text!r} is no day.", where="starts_on", help="Write it as 2026-12-01.") from None
