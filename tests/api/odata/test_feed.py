"""The OData feed over HTTP: what it tells, in which pages, to whom."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import httpx2 as httpx
import pytest

from attribution.measures import SUMS
from tests.api.odata.feed import KEY, Feed

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
PERIOD = {"from": "2020-01-01", "to": "2027-01-01"}
FIGURES = {slug: "".join(word.capitalize() for word in slug.split("_")) for slug in SUMS}


def exact(answer: httpx.Response) -> dict[str, Any]:
    """With every digit of its numbers."""
    found: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)
    return found


@pytest.fixture(scope="module")
def facts(feed: Feed) -> list[dict[str, Any]]:
    return list(exact(feed.get("Facts"))["value"])


def test_the_service_document_names_each_set(feed: Feed) -> None:
    answer = feed.get("")
    assert answer.headers["OData-Version"] == "4.0"
    assert answer.headers["Content-Type"].startswith("application/json;odata.metadata=minimal")
    assert answer.json()["@odata.context"] == f"{feed.root}$metadata"
    sets = [each["name"] for each in answer.json()["value"]]
    assert sets == ["Facts", "Channels", "Campaigns", "Dealers", "Contractors", "Days"]
    for each in answer.json()["value"]:
        assert feed.document(each["url"], top="1")["value"]


def test_the_metadata_describe_every_row(feed: Feed) -> None:
    answer = feed.get("$metadata")
    assert (answer.headers["Content-Type"], answer.headers["OData-Version"]) == ("application/xml", "4.0")
    document = ET.fromstring(answer.text)  # noqa: S314  # our own
    assert document.attrib == {"Version": "4.0"}
    types = {
        each.attrib["Name"]: {told.attrib["Name"]: told.attrib["Type"] for told in each.iter(f"{EDM}Property")}
        for each in document.iter(f"{EDM}EntityType")
    }
    for each in document.iter(f"{EDM}EntitySet"):
        described = types[each.attrib["EntityType"].removeprefix("ClosedLoop.")]
        row = feed.document(each.attrib["Name"], top="1")["value"][0]
        assert list(row) == list(described)
        assert {name: type(value) is str for name, value in row.items()} == {
            name: kind in ("Edm.String", "Edm.Date") for name, kind in described.items()
        }


@pytest.mark.parametrize("asked", [{}, {"model": "linear"}, {"model": "first", "calendar": "touch"}])
def test_facts_add_up_to_the_report(feed: Feed, asked: dict[str, str]) -> None:
    found = exact(feed.get("Facts", asked))["value"]
    report = httpx.get(
        f"{feed.root.removesuffix('odata/')}api/reports/romi", params=PERIOD | asked, auth=KEY, timeout=60
    )
    totals = json.loads(report.raise_for_status().text, parse_float=Decimal)["totals"]
    for slug, name in FIGURES.items():
        assert sum(row[name] for row in found) == totals[slug], slug
    assert {row["Model"] for row in found} == {asked.get("model", "last_non_direct")}


def test_pages_hold_every_row_once(feed: Feed, facts: list[dict[str, Any]]) -> None:
    pages = list(feed.pages("Facts", 50))
    assert {len(page) for page in pages[:-1]} == {50}
    assert sum(len(page) for page in pages) == len(facts)
    keys = [
        tuple(row[name] for name in ("Day", "Channel", "Campaign", "Dealer", "Contractor"))
        for page in pages
        for row in page
    ]
    assert keys == sorted(set(keys), key=lambda key: tuple(part.encode() for part in key))


def test_a_preference_is_acknowledged(feed: Feed) -> None:
    answer = feed.get("Facts", Prefer="odata.maxpagesize=3")
    assert answer.headers["Preference-Applied"] == "odata.maxpagesize=3"
    assert len(answer.json()["value"]) == 3
    assert "Preference-Applied" not in feed.get("Channels").headers


def test_a_page_keeps_what_was_asked(feed: Feed) -> None:
    asked = {"filter": "Channel ne '(none)'", "orderby": "Cost desc,Day", "select": "Day,Cost", "model": "linear"}
    whole = feed.rows("Facts", **asked)
    assert [row for page in feed.pages("Facts", 60, **asked) for row in page] == whole
    assert {tuple(row) for row in whole} == {("Day", "Cost")}
    assert [row["Cost"] for row in whole] == sorted((row["Cost"] for row in whole), reverse=True)


@pytest.mark.parametrize(("top", "skip"), [(10, 0), (10, 5), (120, 3), (10**6, 5), (0, 0), (5, 10**6)])
def test_top_and_skip_cut_over_pages(feed: Feed, facts: list[dict[str, Any]], top: int, skip: int) -> None:
    found = [row for page in feed.pages("Facts", 50, top=str(top), skip=str(skip)) for row in page]
    assert [row["Day"] for row in found] == [row["Day"] for row in facts[skip : skip + top]]


@pytest.mark.parametrize("more", [{}, {"top": "0"}, {"top": "2"}, {"skip": "100000"}])
def test_the_count_is_of_all_pages(feed: Feed, facts: list[dict[str, Any]], more: dict[str, str]) -> None:
    wanted = sum(row["Leads"] > 0 for row in facts)
    document = feed.document("Facts", filter="Leads gt 0", count="true", **more)
    assert document["@odata.count"] == wanted
    answer = feed.get("Facts/$count", {"$filter": "Leads gt 0"})
    assert (answer.text, answer.headers["Content-Type"].partition(";")[0]) == (str(wanted), "text/plain")


def test_a_selection_is_in_the_context(feed: Feed) -> None:
    document = feed.document("Dealers", select="Name,City", filter="Brand eq 'Lada'", format="json")
    assert document["@odata.context"] == f"{feed.root}$metadata#Dealers(Name,City)"
    assert document["value"] == [{"Name": "Север", "City": "Москва"}, {"Name": "Сонный", "City": "Тверь"}]
    assert feed.document("Dealers", select="*")["@odata.context"].endswith("#Dealers")


def _wrong() -> Iterator[tuple[str, dict[str, str], str, str]]:
    yield "Facts", {"$filter": "Colour eq 'red'"}, "$filter", "Colour"
    yield "Facts", {"$select": "Colours"}, "$select", "Colours"
    yield "Facts", {"$orderby": "Cost down"}, "$orderby", "down"
    yield "Facts", {"$orderby": "Colour"}, "$orderby", "Colour"
    yield "Facts", {"$top": "-1"}, "$top", "-1"
    yield "Facts", {"$top": "many"}, "$top", "many"
    yield "Facts", {"$skip": "1.5"}, "$skip", "1.5"
    yield "Facts", {"$count": "yes"}, "$count", "true"
    yield "Facts", {"$format": "xml"}, "$format", "JSON"
    yield "Facts", {"$skiptoken": "rubbish"}, "$skiptoken", "nextLink"
    yield "Facts", {"$skiptoken": "WzFd"}, "$skiptoken", "nextLink"
    yield "Facts", {"$colour": "red"}, "$colour", "$filter"
    yield "Facts", {"$skiptoken": "WzEsMSwxLDEsMSwxXQ"}, "$skiptoken", "nextLink"
    yield "Facts", {"filter": "Cost gt 1"}, "filter", "$filter"
    yield "Facts", {"model": "shapely"}, "model", "shapley"
    yield "Facts", {"calendar": "lunar"}, "calendar", "touch"
    yield "", {"$top": "x", "$colour": "1"}, "$colour", "$filter"


@pytest.mark.parametrize(("path", "options", "target", "word"), list(_wrong()))
def test_what_cannot_be_asked_is_said(feed: Feed, path: str, options: dict[str, str], target: str, word: str) -> None:
    answer = feed.get(path, options)
    assert (answer.status_code, answer.headers["OData-Version"]) == (400, "4.0")
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "target"}
    assert error["target"] == target
    assert word in error["message"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("$expand", "Dealer"), ("$apply", "aggregate(Cost with sum as Total)"), ("$search", "spring"),
        ("$compute", "Cost div 2 as Half"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["Facts", "Days", "Facts/$count"])
def test_what_the_standard_has_and_the_feed_has_not_is_not_implemented(
    feed: Feed, path: str, option: str, value: str
) -> None:
    answer = feed.get(path, {option: value})
    assert (answer.status_code, answer.headers["OData-Version"]) == (501, "4.0")
    error = answer.json()["error"]
    assert (error["code"], error["target"]) == ("not_offered", option)
    assert "$filter" in error["message"]


def test_an_option_is_given_once(feed: Feed) -> None:
    answer = httpx.get(f"{feed.root}Facts?$top=1&$top=2", auth=KEY, timeout=60)
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, "$top")


def test_an_unknown_set_is_told_with_those_that_there_are(feed: Feed) -> None:
    answer = feed.get("Plans")
    assert (answer.status_code, answer.headers["OData-Version"]) == (404, "4.0")
    assert "Facts, Channels" in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["", "$metadata", "Facts", "Facts/$count", "Nothing"])
@pytest.mark.parametrize("auth", [None, ("", ""), ("x", "x")])
def test_nobody_reads_without_the_key(feed: Feed, path: str, auth: tuple[str, str] | None) -> None:
    """Programs ask for a password where they are told so."""
    answer = httpx.get(f"{feed.root}{path}", auth=auth, timeout=60)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Closed Loop"'
    assert set(answer.json()["error"]) == {"code", "message", "target"}


@pytest.mark.parametrize("auth", [("w", ""), ("", "w")])
def test_a_write_key_reads_nothing(feed: Feed, auth: tuple[str, str]) -> None:
    answer = httpx.get(f"{feed.root}Facts", auth=auth, timeout=60)
    assert (answer.status_code, set(answer.json()["error"])) == (403, {"code", "message", "target"})


@pytest.mark.parametrize("auth", [("r", ""), ("", "r"), ("anybody", "r")])
def test_the_key_is_the_name_or_the_password(feed: Feed, auth: tuple[str, str]) -> None:
    assert httpx.get(feed.root, auth=auth, timeout=60).status_code == 200
    assert httpx.get(feed.root, headers={"Authorization": "Bearer r"}, timeout=60).status_code == 200
