"""A service that is killed, by SIGKILL, while a CRM takes a lead: whoever comes next puts it in once."""

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx
import pytest

from api.bootstrap import Services
from collectors.forwarding.sending import LOOK_AFTER
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.cli.closedloop import serving
from tests.collectors.forwarding.crms import Lost
from tests.collectors.forwarding.office import open_office
from tests.migrated import lay_warehouse

WRITE = {"Authorization": "Bearer w"}


@pytest.mark.parametrize(("moment", "system"), [("taken", "amocrm"), ("asked", "bitrix24")])
def test_a_lead_is_in_the_crm_once(tmp_path: Path, moment: str, system: str) -> None:
    now = datetime.now(UTC)
    lay_warehouse(tmp_path / "data")
    folder = read_settings(data=tmp_path / "data", _env_file=None)
    services = Services(folder, FrozenClock(now))
    with open_office(services, system) as office:
        office.crm.clock = lambda: datetime.now(UTC)
        office.connect()
        services.close()
        with serving(tmp_path) as (victim, address):
            setattr(office.gate, f"on_{moment}", victim.kill)
            office.gate.troubles = [Lost.BEFORE_TAKING] if moment == "asked" else []
            lead = {"id": "l1", "kind": "form", "phone": "+79000000001", "created_at": datetime.now(UTC).isoformat()}
            httpx.post(f"{address}/collect/leads", json=lead, headers=WRITE, timeout=60).raise_for_status()
            victim.wait(timeout=60)
            assert victim.returncode == -signal.SIGKILL
        office.gate.on_asked = office.gate.on_taken = lambda: None
        assert len(office.marks()) == (moment == "taken")

        office.services = Services(folder, FrozenClock(datetime.now(UTC) + LOOK_AFTER + timedelta(seconds=1)))
        assert office.states() == {"l1": "sending"}
        office.services.forwarder.send_due()
        assert office.states() == {"l1": "sent"}
        office.services.close()
        assert office.marks() == ["l1"]
