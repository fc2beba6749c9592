"""A service that is killed, by SIGKILL, while a CRM takes a lead: whoever comes next puts it in once."""

import signal
import time
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

WRITE = {"Authorization": "Bearer w"}


@pytest.mark.parametrize(("moment", "system"), [("taken", "amocrm"), ("asked", "bitrix24")])
def test_a_lead_is_in_the_crm_once(tmp_path: Path, moment: str, system: str) -> None:
    now = datetime.now(UTC)
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
            httpx.post(f"{address}/collect/leads", json=lead, headers=WRITE).raise_for_status()
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


def test_a_lead_is_forwarded_within_seconds_and_known_to_whoever_asks(tmp_path: Path) -> None:
    services = Services(read_settings(data=tmp_path / "data", _env_file=None), FrozenClock(datetime.now(UTC)))
    with open_office(services, "webhook") as office:
        office.connect()
        services.close()
        with serving(tmp_path, CLOSEDLOOP_LOAD_INTERVAL_MS="20") as (_, address):
            at = datetime.now(UTC).isoformat()
            touch = {"id": "t1", "visitor_id": "v1", "session_id": "s1", "occurred_at": at, "source": "vk"}
            lead = {"id": "l1", "kind": "form", "created_at": at, "visitor_id": "v1", "session_id": "s1", "name": "A"}
            httpx.post(f"{address}/collect/touches", json=touch, headers=WRITE).raise_for_status()
            httpx.post(f"{address}/collect/leads", json=lead, headers=WRITE).raise_for_status()
            read = {"Authorization": "Bearer r"}
            for _ in range(300):
                (row,) = httpx.get(f"{address}/api/forwarding", headers=read).json()["items"]
                if [each["state"] for each in row["leads"]] == ["sent"]:
                    break
                time.sleep(0.1)
            (told,) = httpx.get(f"{address}/api/forwarding/leads?lead=l1", headers=read).json()["items"]
            assert (told["state"], told["target"], told["tries"]) == ("sent", "crm", 1)
            (card,) = office.crm.cards()
            assert (card["utm_source"], card["closedloop_number"]) == ("vk", told["visit"])
            visit = httpx.get(f"{address}/api/visits/{told['visit']}", headers=read).json()
            assert visit["visit"]["source"] == "vk"
            assert httpx.get(f"{address}/api/forwarding").status_code == 401
