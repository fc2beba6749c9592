"""Words and marks of approvals on pages, in the reader's language."""

from datetime import date

from api.dates import dated
from api.language import gettext as _
from api.language import ngettext
from infra.access.rights import UserRole
from planning.approval.approvals import Approval
from planning.approval.process import Per, PlanPath, Stage
from planning.approval.states import ApprovalState


def state_words() -> dict[ApprovalState, str]:
    return {
        ApprovalState.WAITING: _("not yet open"),
        ApprovalState.OPEN: _("open"),
        ApprovalState.AGREED: _("agreed"),
        ApprovalState.RETURNED: _("sent back"),
        ApprovalState.SKIPPED: _("skipped"),
        ApprovalState.CANCELLED: _("cancelled"),
    }


def per_words() -> dict[Per, str]:
    return {
        Per.ONCE: _("once"),
        Per.DEALER: _("each dealer"),
        Per.BRAND: _("each brand"),
        Per.HOLDING: _("each holding"),
    }


def path_words() -> dict[PlanPath, str]:
    return {
        PlanPath.YEAR: _("Plan of a year"),
        PlanPath.MONTH: _("Plan of a month"),
        PlanPath.AMENDMENT: _("Amendment"),
    }


def due_words(approval: Approval, today: date) -> str:
    """Until when, or how late; empty where it is done or has no deadline."""
    if approval.due_on is None or approval.state not in (ApprovalState.OPEN, ApprovalState.WAITING):
        return ""
    return day_words(approval.due_on, today if approval.state is ApprovalState.OPEN else None)


def day_words(due: date, today: date | None) -> str:
    """How late it is, where `today` is told and after it."""
    late = (today - due).days if today else 0
    if late > 0:
        return ngettext("%(num)s day late", "%(num)s days late", late) % {"num": late}
    return _("until %(day)s") % {"day": dated(due, "d MMM y")}


def decided_words(approval: Approval) -> str:
    """By whom, in whose place, and whether for an earlier version."""
    if not approval.decided_by:
        return ""
    said = approval.decided_by
    if approval.decided_for:
        said = _("%(who)s for %(absent)s") % {"who": said, "absent": approval.decided_for}
    return _("%(who)s, for an earlier version") % {"who": said} if approval.carried_over else said


def deadline_words(stage: Stage) -> str:
    if stage.days_before is not None:
        days = stage.days_before
        return ngettext("%(num)s day before the first month", "%(num)s days before the first month", days) % {
            "num": days
        }
    if stage.days_after_opening is not None:
        days = stage.days_after_opening
        return ngettext("%(num)s day after it opens", "%(num)s days after it opens", days) % {"num": days}
    return _("no deadline")


def who_acts(stage: Stage, roles: dict[UserRole, str]) -> str:
    """The role and of what each, or the people who are named."""
    if stage.role is None:
        return ", ".join(stage.people)
    if stage.per is Per.ONCE:
        return roles[stage.role]
    return _("%(role)s, %(per)s") % {"role": roles[stage.role], "per": per_words()[stage.per]}
