"""What administrators set for the account: currency, VAT, look-back, deadlines."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.bootstrap import Services
from attribution.account_settings import NAMES, account_versions, last_changes
from infra.account import AccountSettings

router = APIRouter(prefix="/api/settings", dependencies=[Depends(may_read)])


@router.get("")
def tell_settings(services: ServicesOf) -> dict[str, Any]:
    """The settings in force, what the environment says of each, and the versions that were kept."""
    return _told(services)


@router.put("", dependencies=[Depends(may_change_rules)])
def change_settings(
    services: ServicesOf, viewer: ViewerOf, changed: Annotated[dict[str, Any], Body()]
) -> dict[str, Any]:
    """Set these, and leave the others; null is as the environment says again."""
    services.account.change(changed, author=viewer.name)
    return _told(services)


def _told(services: Services) -> dict[str, Any]:
    versions = account_versions(services.database)
    changes = last_changes(versions)
    items = []
    for name in NAMES:
        by = changes.get(name)
        items.append(
            {
                "name": name,
                "value": getattr(services.settings, name),
                "environment": getattr(services.environment, name),
                "is_set": by is not None,
                "changed_at": by.at.isoformat() if by and by.at else None,
                "author": by.author if by else "",
                "description": AccountSettings.model_fields[name].description,
            }
        )
    return {
        "version": versions[0].version if versions else 0,
        "items": items,
        "total": len(items),
        "next": None,
        "versions": [
            {
                "version": each.version,
                "at": each.at.isoformat() if each.at else None,
                "author": each.author,
                "set": dict(each.told),
            }
            for each in versions
        ],
    }
