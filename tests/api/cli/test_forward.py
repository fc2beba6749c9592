"""`closedloop forward` and `closedloop visit`, as a user runs them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.cli.closedloop import closedloop, closedloop_process
from tests.collectors.forwarding.crms import Lost
from tests.collectors.forwarding.office import PHONE, open_office
from tests.migrated import lay_warehouse


def test_what_was_given_up_is_listed_and_tried_again(tmp_path: Path) -> None:
    lay_warehouse(tmp_path / "data")
    settings = read_settings(data=tmp_path / "data", _env_file=None)
    services = Services(settings, FrozenClock(datetime.now(UTC)))
    with open_office(services, "webhook") as office:
        office.connect(lookup="")
        office.gate.troubles = [Lost.AFTER_TAKING]
        office.tell("leads", office.lead("l1", name="Иван"))
        office.forward()
        office.later(timedelta(minutes=2))
        services.close()
        ran = closedloop_process(tmp_path, "forward", "status")
        assert ran.code == 1
        assert "1 leads were given up" in ran.problems
        ran = closedloop(tmp_path, "forward", "list", "--crm", "crm", "--state", "uncertain")
        assert ran.code == 0
        assert "l1" in ran.out
        assert "may have it" in ran.out
        assert PHONE not in ran.out
        assert "Иван" not in ran.out
        ran = closedloop(tmp_path, "forward", "retry", "crm", "--lead", "l1")
        assert (ran.code, "1 leads are tried again" in ran.out) == (0, True)
        office.services = Services(settings, FrozenClock(datetime.now(UTC) + timedelta(seconds=1)))
        office.services.forwarder.send_due()
        assert office.states() == {"l1": "sent"}
        office.services.close()


def test_data_that_stay_in_their_country_go_to_no_crm_elsewhere(tmp_path: Path) -> None:
    lay_warehouse(tmp_path)
    settings = read_settings(data=tmp_path, data_stay_in_country=True, country="RU", _env_file=None)
    services = Services(settings, FrozenClock(datetime.now(UTC)))
    with open_office(services, "hubspot") as office:
        office.connect()
        office.tell("leads", office.lead("l1"))
        office.read()
        services.forwarder.send_due()
        assert "they are to stay in RU" in office.error()
        assert (office.states(), office.crm.cards()) == ({"l1": "waiting"}, [])
        services.close()


def test_errors_say_what_to_do(tmp_path: Path) -> None:
    for words, said in (
        (("forward", "retry", "nobody"), "`closedloop forward status` shows all"),
        (("visit", "123-45-67"), "let the caller read the number again"),
    ):
        ran = closedloop(tmp_path, *words)
        assert ran.code == 1
        assert said in ran.problems
