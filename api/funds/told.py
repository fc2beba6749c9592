"""What the API tells of an activity: itself, its story, its claims, its files and its rows of the ledger."""

from typing import Any

from sqlalchemy import Connection

from planning.desk import Desk
from planning.funds.activity import Activity
from planning.funds.asking import claims_of
from planning.funds.ledger import entries_of, of_activity
from planning.funds.stepping import steps_of
from planning.money import told_amount


def whole_activity(connection: Connection, desk: Desk, activity: Activity) -> dict[str, Any]:
    entries, _ = entries_of(connection, of_activity(activity.id))
    return {
        **activity.as_dict(),
        "steps": [_step(each) for each in steps_of(connection, activity.id)],
        "claims": [_claim(each) for each in claims_of(connection, activity.id)],
        "files": [each.as_dict() for each in desk.files.list(connection, activity.subject)],
        "entries": [each.as_dict() for each in entries],
    }


def _step(step: dict[str, Any]) -> dict[str, Any]:
    amount = step["amount"]
    told = {name: step[name] for name in ("revision", "act", "state", "comment", "author")}
    return {**told, "amount": None if amount is None else told_amount(amount), "at": step["at"].isoformat()}


def _claim(claim: dict[str, Any]) -> dict[str, Any]:
    told = {name: claim[name] for name in ("number", "comment", "author")}
    amounts = {name: told_amount(claim[name]) for name in ("net", "vat", "payable")}
    invoices = [{**each, "net": float(each["net"]), "vat": float(each["vat"])} for each in claim["invoices"]]
    return {**told, **amounts, "invoices": invoices, "at": claim["at"].isoformat()}
