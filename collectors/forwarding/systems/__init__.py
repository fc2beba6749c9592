"""CRMs that leads are forwarded to."""

from collections.abc import Mapping

from collectors.forwarding.system import CrmSystem
from collectors.forwarding.systems.amocrm import AMOCRM
from collectors.forwarding.systems.bitrix24 import BITRIX24
from collectors.forwarding.systems.hubspot import HUBSPOT
from collectors.forwarding.systems.webhook import WEBHOOK
from infra.errors import NotFound

SYSTEMS: Mapping[str, CrmSystem] = {each.slug: each for each in (AMOCRM, BITRIX24, HUBSPOT, WEBHOOK)}


def crm_system(slug: str) -> CrmSystem:
    """Raises `NotFound`."""
    if slug not in SYSTEMS:
        raise NotFound(
            f"Leads cannot be forwarded to {slug!r}.", where="system", help=f"The systems are {', '.join(SYSTEMS)}."
        )
    return SYSTEMS[slug]
