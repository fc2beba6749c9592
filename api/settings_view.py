"""What the pages of users and keys show."""

from typing import Any

from api.bootstrap import Services
from api.forms import unknown
from api.language import LANGUAGES
from api.language import gettext as _
from api.settings_sections import sections_for
from api.viewer import Viewer
from attribution.brands import known_brands
from attribution.reference import reference_document
from infra.access.keys import GRANTED, Key
from infra.access.passwords import FEWEST_CHARACTERS
from infra.access.rights import Right, UserRole
from infra.access.users import User
from infra.errors import ClosedLoopError


def settings_view(viewer: Viewer) -> dict[str, Any]:
    """What every page of settings takes."""
    return {"sections": sections_for(viewer)}


def users_view(services: Services, viewer: Viewer, done: str = "") -> dict[str, Any]:
    return settings_view(viewer) | {
        "users": services.users.all(),
        "roles": role_names(),
        "said": {
            "added": _("The user is added, and may come in now."),
            "changed": _("The change is kept, and holds from now on."),
            "password": _("The password is set; the user's other browsers have to sign in again."),
        }.get(done, ""),
        "zone": services.settings.zone,
    }


def user_view(services: Services, viewer: Viewer, user: User, error: ClosedLoopError | None = None) -> dict[str, Any]:
    """The form of one user; a user whose id is 0 is still to be added."""
    dealers, contractors = known_owners(services)
    with services.database.connect() as connection:
        brands = {name: name for name in known_brands(connection)}
    return settings_view(viewer) | {
        "user": user,
        "error": error,
        "roles": role_names(),
        "does": role_meanings(),
        "languages": LANGUAGES,
        "fewest": FEWEST_CHARACTERS,
        "dealers": dealers,
        "contractors": contractors,
        "other_dealers": unknown(user.dealers, dealers),
        "other_contractors": unknown(user.contractors, contractors),
        "brands": brands,
        "other_brands": unknown(user.brands, brands),
    }


def keys_view(
    services: Services,
    viewer: Viewer,
    *,
    wanted: Key | None = None,
    error: ClosedLoopError | None = None,
    secret: str = "",
    done: str = "",
) -> dict[str, Any]:
    """`secret` is that of a key that was just added; `wanted` one that could not be."""
    dealers, contractors = known_owners(services)
    chosen = wanted or Key("", frozenset({Right.REPORTS}))
    return settings_view(viewer) | {
        "keys": services.keys.all(),
        "wanted": chosen,
        "error": error,
        "secret": secret,
        "scopes": [(scope, scope_meanings()[scope]) for scope in GRANTED],
        "dealers": dealers,
        "contractors": contractors,
        "other_dealers": unknown(chosen.dealers or (), dealers),
        "other_contractors": unknown(chosen.contractors or (), contractors),
        "said": {"revoked": _("The key is revoked: programs that use it are refused within five seconds.")}.get(
            done, ""
        ),
        "zone": services.settings.zone,
        "address": services.environment.address,
    }


def known_owners(services: Services) -> tuple[dict[str, str], dict[str, str]]:
    """Dealers and contractors of the reference data, by id: what each is called."""
    known = reference_document(services.database)
    return (
        {each.id: each.name or each.id for each in known.dealers},
        {each.id: each.name or each.id for each in known.contractors},
    )


def role_names() -> dict[UserRole, str]:
    return {
        UserRole.ADMIN: _("Administrator"),
        UserRole.MARKETING_DIRECTOR: _("Marketing director"),
        UserRole.BRAND_MANAGER: _("Brand manager"),
        UserRole.DEALER_MARKETER: _("Dealer's marketer"),
        UserRole.CONTRACTOR: _("Contractor"),
        UserRole.ANALYST: _("Analyst"),
        UserRole.SALES: _("Sales"),
    }


def role_meanings() -> dict[UserRole, str]:
    return {
        UserRole.ADMIN: _("everything, users and keys too"),
        UserRole.MARKETING_DIRECTOR: _("every report, personal data, and the rules by which reports are made"),
        UserRole.BRAND_MANAGER: _("reports and plans of the dealers of the brands named below; no personal data"),
        UserRole.DEALER_MARKETER: _("reports and personal data of the dealers named below, and no others"),
        UserRole.CONTRACTOR: _("reports of the contractors named below; no personal data"),
        UserRole.ANALYST: _("every report; changes nothing, and sees no personal data"),
        UserRole.SALES: _("customers of the dealers named below; no reports"),
    }


def scope_meanings() -> dict[Right, str]:
    return {
        Right.SEND: _("Send events, and nothing else: for sites and programs that others can look into"),
        Right.REPORTS: _("Read reports, in which nobody is named"),
        Right.PERSONAL: _("Read personal data: visits, rejected items"),
        Right.RULES: _("Change the rules of reports: channels, measures, rates, noise"),
        Right.PLANS: _("Work on plans, budgets and funds"),
        Right.TASKS: _("Work on tasks"),
        Right.SOURCES: _("Connect systems"),
    }
