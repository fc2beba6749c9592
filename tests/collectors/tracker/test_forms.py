"""Forms in a real browser: who asked, in which visit, and what is never read."""

import pytest
from playwright.sync_api import Page

from tests.collectors.tracker.dealer_site import DealerSite

pytestmark = pytest.mark.browser
CARD = "4111 1111 1111 1111"
AUTOMATIC = f"""
<form id="test-drive" action="/form-target" method="post">
  <input name="your-name" placeholder="Ваше имя"><input name="tel" type="tel"><input name="your-email">
  <select name="model"><option>Monjaro</option><option>Atlas</option></select>
  <textarea name="comment"></textarea>
  <input type="checkbox" name="agree" value="yes" checked><input type="checkbox" name="news" value="yes">
  <input type="hidden" name="csrf" value="secret-1"><input type="file" name="scan">
  <input name="trap" style="display:none" value="secret-2">
  <input name="cardnumber" value="secret-3"><input name="n" autocomplete="cc-number" value="secret-4">
  <input name="pin" value="{CARD}"><input name="api_token" value="secret-5">
  <input name="kept" data-closedloop="ignore" value="secret-6">
  <button>Send</button>
</form>"""


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"[name='{name.replace('_', '-')}']").fill(value)


def test_a_form_with_a_phone_is_a_lead_of_its_visit(site: DealerSite, page: Page) -> None:
    site.bodies["test-drive"] = AUTOMATIC
    page.goto(f"{site.address}/test-drive?utm_source=vk")
    fill(page, your_name="Иван", tel="8 (900) 000-00-01", your_email="Ivan@Example.com", comment=f"card {CARD}")
    page.get_by_role("button", name="Send").click()
    (lead,) = site.await_lines("leads", 1)
    (touch,) = site.await_lines("touches", 1)
    assert (lead["kind"], lead["name"], lead["phone"], lead["email"]) == (
        "form", "Иван", "+79000000001", "ivan@example.com",
    )  # fmt: skip
    assert (lead["visitor_id"], lead["session_id"]) == (touch["visitor_id"], touch["session_id"])
    assert lead["properties"]["form"] == "test-drive"
    assert lead["properties"]["answers"] == {"model": "Monjaro", "agree": "yes"}
    assert lead["properties"]["url"] == f"{site.address}/test-drive?utm_source=vk"
    assert "secret" not in str(lead)
    assert "4111" not in str(lead)
    (sent,) = site.posted
    assert sent["closedloop_visit"] == touch["visitor_id"]
    assert sent["csrf"] == "secret-1"  # the site's own fields are untouched


def test_a_marked_form_tells_the_marked_fields_only(site: DealerSite, page: Page) -> None:
    site.bodies["credit"] = """
        <form data-closedloop="lead" name="credit" onsubmit="return false">
          <input name="a" data-closedloop-field="phone"><input name="b" data-closedloop-field="dealer">
          <input name="c" data-closedloop-field="product"><input name="passport"><input name="income">
          <input name="d" data-closedloop-field="term"><input type="password" name="pw" data-closedloop-field="name">
          <button>Send</button>
        </form>"""
    page.goto(f"{site.address}/credit")
    for name, value in {"a": "+79000000001", "b": "north", "c": "Atlas", "passport": "4500 000001", "d": "36"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=pw]").fill("hunter2")
    page.get_by_role("button", name="Send").click()
    (lead,) = site.await_lines("leads", 1)
    assert (lead["phone"], lead["dealer"], lead["product"]) == ("+79000000001", "north", "Atlas")
    assert lead["properties"]["term"] == "36"
    assert "4500" not in str(lead)
    assert "hunter2" not in str(lead)


@pytest.mark.parametrize("form", [
    '<form onsubmit="return false"><input type="email" name="email"><input type="password" name="word">{b}</form>',
    '<form onsubmit="return false"><input name="q">{b}</form>',
    '<form onsubmit="return false" data-closedloop="ignore"><input type="tel" name="phone">{b}</form>',
    '<form onsubmit="return false"><input type="tel" name="phone" value="12">{b}</form>',
])  # fmt: skip
def test_other_forms_are_not_read(site: DealerSite, page: Page, form: str) -> None:
    site.bodies["other"] = form.replace("{b}", "<button>Send</button>")
    page.goto(f"{site.address}/other")
    site.await_lines("touches", 1)
    for field in page.locator("input:visible").all():
        field.fill("person@example.com" if field.get_attribute("type") == "email" else "12")
    page.get_by_role("button", name="Send").click()
    page.evaluate("closedloop.goal('after')")
    site.await_lines("actions", 1)
    assert not site.lines("leads")


def test_a_password_that_is_made_visible_is_still_one(site: DealerSite, page: Page) -> None:
    site.bodies["in"] = """
        <form data-closedloop="lead" onsubmit="return false"><input type="tel" name="phone">
        <input type="password" name="p"><button>Send</button></form>"""
    page.goto(f"{site.address}/in")
    site.await_lines("touches", 1)
    page.locator("[name=phone]").fill("+79000000001")
    page.locator("[name=p]").fill("hunter2")
    page.evaluate("document.querySelector('[name=p]').type = 'text'")
    page.get_by_role("button", name="Send").click()
    (lead,) = site.await_lines("leads", 1)
    assert "hunter2" not in str(lead)


def test_automatic_reading_can_be_switched_off(site: DealerSite, page: Page) -> None:
    site.attributes["forms"] = "marked"
    site.bodies["test-drive"] = AUTOMATIC
    page.goto(f"{site.address}/test-drive")
    site.await_lines("touches", 1)
    fill(page, tel="8 (900) 000-00-01")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/form-target")
    assert not site.lines("leads")
    assert "closedloop_visit" not in site.posted[0]


def test_a_form_that_is_sent_again_is_one_lead(site: DealerSite, page: Page) -> None:
    site.bodies["a"] = """<form onsubmit="return false"><input type="tel" name="phone"><input name="wish">
        <button>Send</button></form>"""
    page.goto(f"{site.address}/a")
    site.await_lines("touches", 1)
    for phone, wish in (("+79000000001", "red"), ("+79000000001", "blue"), ("+79000000002", "green")):
        fill(page, phone=phone, wish=wish)
        page.get_by_role("button", name="Send").click()
    first, second, third = site.await_lines("leads", 3)
    assert first["id"] == second["id"] != third["id"]
    assert second["properties"]["answers"] == {"wish": "blue"}


CF7 = """
<div class="wpcf7"><form class="wpcf7-form" id="cf7">
  <input type="hidden" name="_wpcf7" value="5"><input name="your-name"><input type="tel" name="your-phone">
  <input type="submit" value="Send"></form></div>
<script>
  const form = document.querySelector('#cf7');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const inputs = [...new FormData(form)].map(([name, value]) => ({name, value}));
    window.sent = inputs;
    if (!window.succeeds) return;
    form.reset();
    const detail = {contactFormId: 5, inputs, apiResponse: {status: 'mail_sent'}};
    form.dispatchEvent(new CustomEvent('wpcf7mailsent', {bubbles: true, detail}));
  });
</script>"""


def test_contact_form_7_is_a_lead_once_its_mail_is_sent(site: DealerSite, page: Page) -> None:
    site.bodies["cf7"] = CF7
    page.goto(f"{site.address}/cf7")
    (touch,) = site.await_lines("touches", 1)
    fill(page, your_name="Иван", your_phone="+79000000001")
    page.get_by_role("button", name="Send").click()
    page.evaluate("closedloop.goal('failed'); window.succeeds = true")
    site.await_lines("actions", 1)
    assert not site.lines("leads")
    page.get_by_role("button", name="Send").click()
    (lead,) = site.await_lines("leads", 1)
    assert (lead["name"], lead["phone"], lead["properties"]["form"]) == ("Иван", "+79000000001", "cf7")
    assert {"name": "closedloop_visit", "value": touch["visitor_id"]} in page.evaluate("sent")


@pytest.mark.parametrize("told", [
    "form.dispatchEvent(new Event('tildaform:aftersuccess', {bubbles: true}))",
    "jQuery.fire({target: form})",
])  # fmt: skip
def test_tilda_is_a_lead_once_it_succeeds(site: DealerSite, page: Page, told: str) -> None:
    site.head = """<script>
        window.jQuery = () => ({on: (name, work) => { if (name.startsWith('tilda')) jQuery.fire = work; }});
    </script>"""
    site.bodies["tilda"] = """
        <form class="t-form js-form-proccess" id="form300000001" onsubmit="return false">
          <input name="Name"><input type="tel" name="Phone"><button type="submit">Send</button></form>"""
    page.goto(f"{site.address}/tilda")
    site.await_lines("touches", 1)
    fill(page, Name="Иван", Phone="+7 (900) 000-00-01")
    page.get_by_role("button", name="Send").click()
    page.evaluate("closedloop.goal('asked')")
    site.await_lines("actions", 1)
    assert not site.lines("leads")
    page.evaluate(f"const form = document.querySelector('form'); form.reset(); {told}")
    (lead,) = site.await_lines("leads", 1)
    assert (lead["name"], lead["phone"]) == ("Иван", "+79000000001")


def test_a_form_that_appears_later_gets_the_visit_number(site: DealerSite, page: Page) -> None:
    page.goto(f"{site.address}/")
    (touch,) = site.await_lines("touches", 1)
    page.evaluate("""() => {
        window.keep = (form) => { window.sent = Object.fromEntries(new FormData(form)); return false; };
        document.body.innerHTML = '<form onsubmit="return keep(this)">' +
            '<input type=tel name=phone><input name=closedloop_visit type=hidden><button>Send</button></form>';
    }""")
    page.locator("[name=phone]").fill("+79000000001")
    page.get_by_role("button", name="Send").click()
    assert page.evaluate("sent.closedloop_visit") == touch["visitor_id"]


def test_a_page_can_tell_a_lead_itself(site: DealerSite, page: Page) -> None:
    page.goto(f"{site.address}/")
    site.await_lines("touches", 1)
    page.evaluate(
        "closedloop.lead({kind: 'chat', phone: '+79000000001', product: 'Atlas', status: 'junk', trim: 'lux'})"
    )
    (lead,) = site.await_lines("leads", 1)
    assert (lead["kind"], lead["phone"], lead["product"]) == ("chat", "+79000000001", "Atlas")
    assert "status" not in lead
    assert lead["properties"]["trim"] == "lux"
    assert lead["properties"]["status"] == "junk"  # told, but never believed
