"""A real marketing funnel goes in by mapping alone, and the report equals its published figures exactly."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from api.cli.main import app

DATA = Path(__file__).parents[3] / "shared" / "data" / "olist"
LEADS = [2296, 1586, 1350, 1099, 499, 493, 284, 150, 118, 65]
SALES = [271, 195, 75, 179, 56, 15, 24, 4, 6, 3]
REVENUE = [21762.10, 16921.93, 2705.61, 16189.62, 2032.67, 936.90, 2496.54, 805.99, 125.00, 0]
ORIGINS = [
    "organic search", "paid search", "social", "unknown", "direct traffic", "email", "referral", "other", "display",
    "other publicities",
]  # fmt: skip


@pytest.mark.skipif(not DATA.exists(), reason="the public Olist funnel is not beside the checkout (shared/data/olist)")
def test_the_public_funnel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEDLOOP_DATA", str(tmp_path))
    monkeypatch.setenv("CLOSEDLOOP_CURRENCY", "BRL")

    def closedloop(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output
        return result.stdout

    def collect(file: str, family: str, *rules: str) -> None:
        closedloop("collect", str(DATA / file), "--as", family, *(word for rule in rules for word in ("--map", rule)))

    collect(
        "marketing_qualified_leads.csv", "leads",
        "id=mql_id", "created_at=first_contact_date", "source=origin", "kind:=form",
    )  # fmt: skip
    collect(
        "closed_deals.csv", "deals", "id=mql_id", "deal_id=seller_id", "lead_id=mql_id", "occurred_at=won_date",
        "stage:=sale", "manager=sr_id", "product=business_segment",
    )  # fmt: skip
    collect(
        "seller_revenue.csv", "deals", "id=seller_id", "deal_id=seller_id", "amount=revenue", "stage:=sale",
        "occurred_at:=2018-12-31",
    )  # fmt: skip
    closedloop("load", "--drain")
    closedloop("attribute")
    out = tmp_path / "report.csv"
    text = closedloop(
        "report", "romi", "--by", "source", "--from", "2017-06-01", "--to", "2018-12-31", "--format", "csv"
    )
    out.write_text(text)
    report = pd.read_csv(out).set_index("source")
    assert report.loc[ORIGINS, "leads"].tolist() == LEADS
    assert report.loc[ORIGINS, "sales"].tolist() == SALES
    assert report.loc[ORIGINS, "revenue"].tolist() == REVENUE
    assert report.loc[["(no touch)"], ["leads", "sales", "revenue"]].to_numpy().tolist() == [[60, 14, 0]]
    assert len(report) == 11
