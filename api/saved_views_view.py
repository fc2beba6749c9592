"""What the page of saved views shows: one's own, those of others, and the mail that brings them to people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import get_day_names

from api.bootstrap import Services
from api.dates import dated
from api.language import LANGUAGES, language, ngettext
from api.language import gettext as _
from api.navigation import page_at
from api.overview_questions import NamedPeriod
from api.report_notes import report_title
from api.viewer import Viewer
from api.views.ledger import Mailing, MailState
from api.views.moments import EVERY_DAY, EVERY_WORKDAY, Rhythm
from api.views.saved import SavedView
from api.views.schedules import MailForm, Schedule
from infra.errors import ClosedLoopError, InvalidSettings
from infra.mail import open_mail

_WHEN = "dd MMM y, HH:mm"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a schedule's form holds. `rhythm` is workdays, daily, weekly or monthly."""

    recipients: Sequence[str] = ()
    form: str = MailForm.XLSX.value
    rhythm: str = "workdays"
    weekdays: tuple[int, ...] = (1,)
    month_day: int = 1
    hour: int = 9
    language: str = ""


@dataclass(frozen=True, slots=True)
class ViewRow:
    view: SavedView
    page: str
    days: str
    is_default: bool
    mails: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail: `state` is good, bad, or empty while it is under way."""

    state: str
    due: str
    text: str
    error: str
    help: str


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    schedule: Schedule
    view: str
    when: str
    next: str
    last: Outcome | None


def saved_views_view(services: Services, viewer: Viewer, done: str = "") -> dict[str, Any]:
    views = services.saved_views.list(viewer.name)
    defaults = {view.id for view in services.saved_views.defaults(viewer.name).values()}
    schedules = services.schedules.list(viewer.name)
    sent = [each.view for each in schedules]
    rows = [ViewRow(each, page_title(each), _days(each), each.id in defaults, sent.count(each.id)) for each in views]
    names = {each.id: each.name for each in views}
    return {
        "own": [row for row in rows if row.view.owner == viewer.name],
        "others": [row for row in rows if row.view.owner != viewer.name],
        "schedules": [_row(services, each, names.get(each.view, "")) for each in schedules],
        "periods": _periods(),
        "trouble": mail_trouble(services),
        "zone": services.settings.zone,
        "root": services.settings.address,
        "done": _done(done),
    }


def new_schedule_view(
    services: Services, viewer: Viewer, key: str, wanted: Wanted | None = None, error: ClosedLoopError | None = None
) -> dict[str, Any]:
    """The form of one that is not yet there. Raises `NotFound`."""
    view = services.saved_views.get(key, viewer.name)
    own = [viewer.user.email] if viewer.user else []
    fresh = Wanted(own, language="" if viewer.user and viewer.user.language else language())
    return _form(services, viewer, view, wanted or fresh, error) | {
        "action": f"/views/{view.id}/mail",
        "schedule": None,
        "mails": [],
    }


def schedule_view(
    services: Services, viewer: Viewer, key: str, wanted: Wanted | None = None, error: ClosedLoopError | None = None
) -> dict[str, Any]:
    """The form of one that is there, with its newest mails. Raises `NotFound`."""
    schedule = services.schedules.get(key, viewer.name)
    view = services.saved_views.get(schedule.view, viewer.name)
    return _form(services, viewer, view, wanted or _as_told(schedule), error) | {
        "action": f"/schedules/{schedule.id}",
        "schedule": schedule,
        "mails": [_outcome(services, each) for each in services.mail_ledger.newest([schedule.id])],
    }


def page_title(view: SavedView) -> str:
    """The page that it opens, as the navigation names it."""
    path, page = view.address.path, page_at(view.address.path)
    below = {
        "/funnel/lost": _("Lost leads"),
        "/funnel/calls": _("Calls and junk"),
        "/managers": _("Managers"),
        "/managers/products": _("Products"),
        "/journeys/cohorts": _("Cohorts and LTV"),
    }
    if path in below:
        return below[path]
    if page is None:
        return report_title(view.address.report)
    return f"{_(page.title)}: {view.address.of_one}" if path != page.address else _(page.title)


def mail_trouble(services: Services) -> InvalidSettings | None:
    """Why no mail can be sent at all, as the settings stand."""
    try:
        open_mail(services.environment)
    except InvalidSettings as error:
        return error
    return None


def _form(
    services: Services, viewer: Viewer, view: SavedView, wanted: Wanted, error: ClosedLoopError | None
) -> dict[str, Any]:
    owned = viewer.user.language if viewer.user else ""
    return {
        "view": view,
        "page": page_title(view),
        "days": _days(view),
        "wanted": wanted,
        "error": error,
        "weekday_names": [(day + 1, name) for day, name in sorted(get_day_names("wide", locale=language()).items())],
        "languages": LANGUAGES,
        "own_language": LANGUAGES.get(owned, LANGUAGES["en"]),
        "trouble": mail_trouble(services),
        "zone": services.settings.zone,
    }


def _as_told(schedule: Schedule) -> Wanted:
    rhythm = schedule.rhythm
    return Wanted(
        schedule.recipients,
        schedule.form.value,
        _named(rhythm),
        rhythm.weekdays or (1,),
        rhythm.month_day or 1,
        rhythm.hour,
        schedule.language,
    )


def _named(rhythm: Rhythm) -> str:
    if rhythm.month_day:
        return "monthly"
    days = tuple(sorted(rhythm.weekdays))
    return {EVERY_WORKDAY: "workdays", EVERY_DAY: "daily"}.get(days, "weekly")


def _row(services: Services, schedule: Schedule, view: str) -> ScheduleRow:
    next_at = schedule.next_at(services.settings.zone, services.clock.now())
    newest = services.mail_ledger.newest([schedule.id], most=1)
    return ScheduleRow(
        schedule,
        view,
        schedule.rhythm.in_words,
        dated(next_at, _WHEN) if next_at else "",
        _outcome(services, newest[0]) if newest else None,
    )


def _outcome(services: Services, mail: Mailing) -> Outcome:
    due = _told_at(services, mail.due_at)
    state = {MailState.SENT: "bad" if mail.refused else "good", MailState.FAILED: "bad", MailState.MISSED: "bad"}
    return Outcome(state.get(mail.state, ""), due, _in_words(services, mail), mail.error, mail.help)


def _in_words(services: Services, mail: Mailing) -> str:
    if mail.state is MailState.SENT:
        count = len(mail.delivered)
        return ngettext("Sent to %(num)s recipient", "Sent to %(num)s recipients", count) % {"num": count}
    if mail.state is MailState.FAILED:
        return _("Not sent")
    if mail.state is MailState.MISSED:
        return _("Left out")
    if mail.state is MailState.WAITING and mail.tries and mail.next_at:
        return _("Tried again at %(at)s") % {"at": _told_at(services, mail.next_at)}
    return _("On its way")


def _told_at(services: Services, moment: datetime) -> str:
    return dated(moment.astimezone(services.settings.zone), _WHEN)


def _days(view: SavedView) -> str:
    """Which days it opens, in words."""
    if view.period:
        return _(NamedPeriod(view.period).label.capitalize())
    if named := view.address.get("period"):
        return _(named.replace("_", " ").capitalize())
    first, last = view.address.get("from"), view.address.get("to")
    if first or last:
        return " – ".join(_day(each) for each in (first, last))
    return _("As its page says")


def _day(text: str) -> str:
    try:
        return dated(datetime.fromisoformat(text).date(), "dd MMM y")
    except ValueError:
        return text or "…"


def _periods() -> list[tuple[str, str]]:
    """Of each period that moves along, its name and how it is called."""
    return [(each.value, _(each.label.capitalize())) for each in NamedPeriod]


def _done(done: str) -> str:
    return {
        "changed": _("The view is changed."),
        "removed": _("The view is deleted."),
        "default": _("The navigation opens the page with this view now."),
        "no-default": _("The navigation opens the page as it was before."),
        "scheduled": _("The view is sent from now on."),
        "rescheduled": _("The schedule is changed."),
        "unscheduled": _("The view is not sent any more."),
        "sending": _("It is being sent: load this page again in a moment to see what became of it."),
        "paused": _("Nothing is sent until you resume it."),
        "resumed": _("It is sent again from its next day on."),
    }.get(done, "")
