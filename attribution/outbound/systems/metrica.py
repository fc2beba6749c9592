"""Yandex Metrica: offline conversions, a CSV file by click id, else by Metrica's client id, else by the site's user id.

Metrica does not say whether the same file again counts again, so it is taken to. Each upload carries its request's key
as its comment: an upload whose answer was lost is looked for among those that Metrica lists. A visit can be completed
for 21 days. Nothing that was uploaded can be corrected.
Source: yandex.com/dev/metrika, «Passing offline conversions» and «Managing offline conversions»; that a listed upload
tells its comment and how many rows were linked is used where it holds, and not relied on.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx2 as httpx

from attribution.outbound.export import Destination, Export
from attribution.outbound.system import Receipt, Refusal, Session, State, Verdict
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask

_ADDRESS = "https://api-metrika.yandex.net"
_INVALID = 400
_COMMENT = "closedloop"


class Metrica:
    slug = "metrica"
    title = "Yandex Metrica"
    country = "RU"
    asks = (
        Ask("counter", "Number of the counter"),
        Ask("token", "OAuth token with the right to write (metrika:write)", secret=True),
        Ask("user_id", "Whether the site sets Metrica's UserID to its own user id: yes or no", default="no"),
    )
    guide = (
        "In Metrica, on the page of goals: make a goal «JavaScript event», condition «matches», for each kind of\n"
        "conversion; its identifier is the name that the kind gets here. In Settings → Data upload: allow offline\n"
        "conversions."
    )
    click_ids = ("yclid", "ymclid")
    cookies = ("ym_client_id", "ym_uid", "_ym_uid")
    uses = ("user",)
    reach = timedelta(days=21)
    oldest = timedelta(days=21)
    most = 10_000
    takes_updates = False
    repeatable_for = timedelta(0)

    def lane(self, export: Export, destination: Destination) -> str | None:
        return _column(export, destination)

    def hand_over(self, session: Session, exports: Sequence[Export], batch: str) -> Receipt | Refusal:
        with _api(session) as api:
            answer = api.ask(
                "POST",
                f"{_path(session)}/upload",
                once=True,
                accept=(_INVALID,),
                params={"comment": f"{_COMMENT} {batch}"},
                files={"file": ("conversions.csv", _table(session, exports), "text/csv")},
            )
        if answer.status_code == _INVALID:
            return Refusal(_complaint(answer))
        return Receipt(str(answer.json()["uploading"]["id"]))

    def verdicts(self, session: Session, receipt: str, kinds: Iterable[str]) -> Mapping[str, Verdict]:
        with _api(session) as api:
            found = api.ask("GET", f"{_path(session)}/uploading/{receipt}").json()["uploading"]
        verdict = _verdict(found)
        return dict.fromkeys(kinds, verdict) if verdict else {}

    def find(self, session: Session, batch: str) -> Receipt | None:
        with _api(session) as api:
            listed = api.ask("GET", f"{_path(session)}/uploadings").json()["uploadings"]
        mine = [each for each in listed if batch in str(each.get("comment") or "")]
        return Receipt(str(mine[0]["id"])) if mine else None


def _api(session: Session) -> Api:
    headers = {"Authorization": f"OAuth {session.destination.secrets['token']}"}
    return session.open_api(_ADDRESS, headers=headers, per_second=3.0, timeout=120.0)


def _path(session: Session) -> str:
    return f"/management/v1/counter/{session.destination.options.account['counter']}/offline_conversions"


def _column(export: Export, destination: Destination) -> str | None:
    if export.click:
        return "Yclid"
    if export.cookie:
        return "ClientId"
    return "UserId" if export.users and destination.options.account.get("user_id") == "yes" else None


def _table(session: Session, exports: Sequence[Export]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    column = _column(exports[0], session.destination)
    writer.writerow([column, "Target", "DateTime", "Price", "Currency"])
    names = session.destination.options.conversions
    for each in exports:
        key = {"Yclid": each.click.value if each.click else "", "ClientId": each.cookie}.get(str(column))
        price = f"{each.value:.2f}" if each.value is not None else ""
        at = int(each.at.timestamp())
        writer.writerow([key or each.users[0], names[each.kind], at, price, session.currency if price else ""])
    return out.getvalue().encode()


def _verdict(uploading: Mapping[str, Any]) -> Verdict | None:
    match uploading.get("status"):
        case "PROCESSED":
            rows, linked = uploading.get("line_quantity"), uploading.get("linked_quantity")
            if rows and linked is not None and linked < rows:
                return Verdict(State.PARTLY, f"Metrica tied {linked} of {rows} conversions of the upload to visits")
            return Verdict(State.ACCEPTED)
        case "LINKAGE_FAILURE":
            return Verdict(State.REJECTED, "Metrica tied nothing of the upload to a visit")
    return None


def _complaint(answer: httpx.Response) -> str:
    """What Metrica says is wrong with the file."""
    try:
        return str(answer.json()["message"])[:300]
    except (ValueError, LookupError):
        return f"status {answer.status_code}"


SYSTEM = Metrica()
