"""Files into plans over HTTP: the interface and the wizard's pages without a script."""

import io
import re
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from infra.access.rights import UserRole
from planning.plans import PlanVersion
from tests.api.forms import come_as, come_as_admin, post, token
from tests.planning.conftest import DEALERS
from tests.planning.importing.books import MONTHS, Sheet, book, year

READ = {"Authorization": "Bearer r"}
TEN = [10] * 12
PLAN = book(План=year(["Север", "Продажи", *TEN], ["Юг", "Бюджет", *[1.5] * 12]))


@pytest.fixture
def draft(services: Services) -> PlanVersion:
    replace_reference(services.database, ReferenceDocument(dealers=DEALERS), author="boss", clock=services.clock)
    return services.plans.create("План 2027", 2027, currency="RUB", author="director")


def sent(client: TestClient, plan: int, data: bytes, name: str = "план.xlsx", kind: str = "plan") -> dict[str, Any]:
    """A file of the interface, as it stands once it is read."""
    told = {"files": {"file": (name, data)}, "data": {"kind": kind}}
    answer = client.post(f"/api/plans/{plan}/imports", headers=READ, **told)  # type: ignore[arg-type]
    assert answer.status_code == 202, answer.text
    return read(client, plan, answer.json()["id"])


def read(client: TestClient, plan: int, key: int) -> dict[str, Any]:
    while (found := client.get(f"/api/plans/{plan}/imports/{key}", headers=READ).json())["step"] == "reading":
        pass
    return dict(found)


def test_a_file_goes_into_the_draft_once(client: TestClient, services: Services, draft: PlanVersion) -> None:
    at = f"/api/plans/{draft.plan}/imports"
    found = sent(client, draft.plan, PLAN)
    assert found["step"] == "preview"
    assert found["found"]["sums"] == {"sales": TEN, "budget": [1.5] * 12}
    done = client.post(f"{at}/{found['id']}/confirm", headers=READ).json()
    assert done["step"] == "done"
    assert client.post(f"{at}/{found['id']}/confirm", headers=READ).json() == done
    listed = client.get(at, headers=READ).json()
    assert [(each["id"], each["step"]) for each in listed["items"]] == [(found["id"], "done")]
    assert client.delete(f"{at}/{found['id']}", headers=READ).status_code == 409
    exported = client.get(f"/api/plans/{draft.plan}/export?format=csv", headers=READ)
    assert exported.headers["content-disposition"] == f'attachment; filename="plan-{draft.plan}-version-1.csv"'
    assert exported.text.splitlines()[1] == "Юг,—,—,—,Marketing budget,RUB" + ",1.50" * 12
    assert sent(client, draft.plan, exported.content, "again.csv")["found"]["compared"]["same"] == 24


def test_what_a_file_means_can_be_said(client: TestClient, draft: PlanVersion) -> None:
    found = sent(client, draft.plan, book(План=year(["Северный", "Продажи", *TEN])))
    at = f"/api/plans/{draft.plan}/imports/{found['id']}"
    assert found["step"] == "names"
    early = client.post(f"{at}/confirm", headers=READ)
    assert (early.status_code, early.json()["error"]["where"]) == (422, "import")
    said = {"revision": found["revision"], "choices": {"names": {"dealer": {"Северный": "north"}}}}
    assert client.put(f"{at}/choices", json=said, headers=READ).status_code == 202
    assert read(client, draft.plan, found["id"])["step"] == "preview"
    assert client.put(f"{at}/choices", json=said, headers=READ).status_code == 409
    said = {"revision": found["revision"] + 2, "choices": {"names": {"dealer": {"Северный": "moon"}}}}
    assert client.put(f"{at}/choices", json=said, headers=READ).status_code == 422
    assert client.delete(at, headers=READ).status_code == 204
    assert client.get(at, headers=READ).status_code == 404


def test_errors_are_told_at_their_cells_and_nothing_is_written(client: TestClient, draft: PlanVersion) -> None:
    found = sent(client, draft.plan, book(План=year(["Север", "Продажи", -1, *[1] * 11])))
    assert found["found"]["errors"] == [{"message": "-1 is negative: a plan is 0 or more.", "place": "План, C2"}]
    refused = client.post(f"/api/plans/{draft.plan}/imports/{found['id']}/confirm", headers=READ)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_input")


def test_templates_are_filled_with_last_year(client: TestClient, services: Services, draft: PlanVersion) -> None:
    last = services.plans.create("План 2026", 2026, currency="RUB", author="director")
    found = sent(client, last.plan, book(План=year(["Север", "Продажи", *TEN])))
    client.post(f"/api/plans/{last.plan}/imports/{found['id']}/confirm", headers=READ)
    facts = sent(client, last.plan, book(Факт=year(["Юг", "Лиды", *TEN])), kind="facts")
    client.post(f"/api/plans/{last.plan}/imports/{facts['id']}/confirm", headers=READ)
    for filled, told in (("nothing", set()), ("plan", {("Север", "Sales")}), ("facts", {("Юг", "Leads")})):
        answer = client.get(f"/api/plans/{draft.plan}/template?filled={filled}", headers=READ)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        rows = list(sheet.iter_rows(min_row=2, max_col=7, values_only=True))
        assert {(row[0], row[4]) for row in rows if row[6] is not None} == told
        assert len(rows) >= 68


@pytest.mark.parametrize(("path", "status"), [
    ("/api/plans/99/imports", 404), ("/api/plans/99/export", 404), ("/api/plans/1/export?version=99", 404),
    ("/api/plans/1/imports/99", 404), ("/api/plans/1/template?filled=joy", 422), ("/plans/99/import", 404),
])  # fmt: skip
def test_what_is_not_there(client: TestClient, draft: PlanVersion, path: str, status: int) -> None:
    assert client.get(path, headers=READ).status_code == status


@pytest.fixture
def known(client: TestClient, draft: PlanVersion) -> TestClient:
    come_as_admin(client)
    return client


def shown(text: str) -> str:
    """The page's content as one line, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.partition("<main")[2]).split())


def upload(client: TestClient, plan: int, data: bytes, kind: str = "plan") -> Any:
    files = {"file": ("план.xlsx", data)}
    return client.post(f"/plans/{plan}/import", files=files, data={"csrf": token(client), "kind": kind})


def test_the_wizard_without_a_script(known: TestClient, services: Services, draft: PlanVersion) -> None:
    messy: Sheet = [
        ["ДЦ", "Показатель", "Штуковина", *MONTHS],
        ["Северный", "Продажи", 7, *TEN],
        ["Юг", "Продажи", 8, *TEN],
    ]
    page = upload(known, draft.plan, book(План=messy))
    assert page.url.path.endswith("/columns")
    assert "Say what this is." in page.text
    fields = fields_of(page.text)
    assert fields["role-0-0"] == "dealer"
    assert fields["month-0-3"] == "1"
    page = post(known, page.url.path, fields | {"role-0-2": ""})
    assert page.url.path.endswith("/names")
    fields = fields_of(page.text)
    assert fields["name-0"] == "north"
    page = post(known, page.url.path, fields)
    assert page.url.path.endswith("/preview")
    assert "New cells 24" in shown(page.text)
    page = post(known, page.url.path.replace("preview", "confirm"), {})
    assert "The draft holds what the file says" in shown(page.text)
    assert "Sales 20 20 20 20 20 20 20 20 20 20 20 20 240" in shown(page.text)
    assert "was written" in shown(known.get(f"/plans/{draft.plan}/import").text)


def test_sheets_of_one_header_and_different_titles_are_asked_for_apart(known: TestClient, draft: PlanVersion) -> None:
    def table(title: str) -> Sheet:
        return [[title], [], ["ДЦ", "Код", *MONTHS], ["Север", 5, *TEN]]

    page = upload(known, draft.plan, book(Лист1=table("План продаж на 2027"), Лист2=table("Лиды")))
    fields: dict[str, Any] = fields_of(page.text)
    assert (fields["measure-0"], fields["measure-1"]) == ("sales", "leads")
    page = post(known, page.url.path, fields | {"sheet": ["Лист1", "Лист2"]})
    assert page.url.path.endswith("/preview")
    assert "Sales 10 10 10 10 10 10 10 10 10 10 10 10 120 Leads 10" in shown(page.text)


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the page's first form in the content, as it is."""
    form = re.search(r"<form[^>]*>(.*?)</form>", page.partition("<main")[2], re.DOTALL)
    assert form
    found = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form[1]))
    found |= dict.fromkeys(re.findall(r'<input type="checkbox" name="([\w-]+)" value="1" checked', form[1]), "1")
    for name, options in re.findall(r'<select name="([\w-]+)"[^>]*>(.*?)</select>', form[1], re.DOTALL):
        values, chosen = (re.findall(rf'<option value="([^"]*)"{more}', options) for more in ("", " selected"))
        found[name] = next(iter([*chosen, *values]), "")
    return found


def test_files_that_are_none_and_files_with_errors(known: TestClient, draft: PlanVersion) -> None:
    page = known.post(f"/plans/{draft.plan}/import", data={"csrf": token(known), "kind": "plan"})
    assert (page.status_code, "No file was chosen." in page.text) == (422, True)
    page = upload(known, draft.plan, b"%PDF-1.7")
    assert "This is a PDF, which has no cells." in page.text
    page = upload(known, draft.plan, book(План=year(["Север", "Продажи", -1, *[1] * 11])))
    assert "План, C2 -1 is negative: a plan is 0 or more." in shown(page.text)
    assert "Send the corrected file" in page.text
    assert "Write it into the draft" not in page.text
    page = post(known, page.url.path.replace("preview", "discard"), {})
    assert "nothing of it was written" in shown(page.text)


def test_a_draft_that_changed_is_told_on_the_page(known: TestClient, services: Services, draft: PlanVersion) -> None:
    one = upload(known, draft.plan, PLAN)
    other = upload(known, draft.plan, book(План=year(["Север", "Продажи", *[11] * 12])))
    post(known, one.url.path.replace("preview", "confirm"), {})
    page = post(known, other.url.path.replace("preview", "confirm"), {})
    assert (page.status_code, "admin link has changed the draft since this preview." in page.text) == (409, True)
    page = post(known, other.url.path.replace("preview", "again"), {"revision": fields_of_again(page.text)})
    assert "Changed cells 12" in shown(page.text)


def fields_of_again(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return found[1]


def test_a_marketer_sees_their_dealers_and_files(client: TestClient, services: Services, draft: PlanVersion) -> None:
    sent(client, draft.plan, PLAN)
    come_as(client, services.users, UserRole.DEALER_MARKETER, dealers=("north",))
    assert "None was sent yet." in client.get(f"/plans/{draft.plan}/import").text
    page = upload(client, draft.plan, PLAN)
    assert "Юг" in page.text
    assert 'value="south"' not in page.text
    assert client.get(f"/plans/{draft.plan}/import/1").status_code == 404
    exported = client.get(f"/api/plans/{draft.plan}/template?format=csv").text
    assert "Север" in exported
    assert "Юг" not in exported


def test_who_may_not_plan_may_not_import(client: TestClient, services: Services, draft: PlanVersion) -> None:
    come_as(client, services.users, UserRole.ANALYST)
    assert client.get(f"/plans/{draft.plan}/import").status_code == 403
    assert client.get(f"/api/plans/{draft.plan}/imports").status_code == 403
    assert client.get(f"/api/plans/{draft.plan}/export").status_code == 200, "who may read the plan may take it along"
