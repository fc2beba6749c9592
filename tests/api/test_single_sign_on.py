"""Signing in by OpenID Connect, with a provider that nobody here wrote, in a real browser."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from api.bootstrap import Services
from infra.access.rights import UserRole
from infra.access.users import User
from infra.settings import read_settings
from tests.api.cli.closedloop import serving
from tests.api.client_libraries import KEPT, PROGRAMS, node_with_clients
from tests.migrated import lay_warehouse
from tests.ports import free_port

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """One whose errors are not looked at: the provider's own pages ask other hosts for fonts."""
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


@contextmanager
def providing(port: int, **environment: str) -> Iterator[str]:
    """The issuer of a provider that knows the service at that port."""
    told = {"CLIENTS": str(KEPT), "REDIRECT_URI": f"http://127.0.0.1:{port}/sign-in/single/back", "NODE_ENV": "test"}
    command = [node_with_clients(), str(PROGRAMS / "openid_provider.mjs")]
    with subprocess.Popen(
        command, env=os.environ | told | environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def office(folder: Path, **environment: str) -> Iterator[str]:
    """The address of a service that has one user, and signs in by a provider."""
    lay_warehouse(folder / "data")
    services = Services(read_settings(data=folder / "data", _env_file=None))
    services.users.add(User("anna@example.com", UserRole.ANALYST, "Anna"), author="test")
    services.close()
    port = free_port()
    with (
        providing(port, **environment) as issuer,
        serving(
            folder,
            CLOSEDLOOP_PORT=str(port),
            CLOSEDLOOP_OIDC_ISSUER=issuer,
            CLOSEDLOOP_OIDC_CLIENT_ID="closedloop",
            CLOSEDLOOP_OIDC_CLIENT_SECRET="a secret of the provider",
        ) as (_, address),
    ):
        yield address


def sign_in(page: Page, address: str, email: str) -> None:
    page.goto(f"{address}/account")
    page.get_by_role("link", name="Sign in with your company's account").click()
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill("whatever")
    page.get_by_role("button").click()
    page.get_by_role("button", name="Continue").click()


def test_a_user_whom_the_provider_knows_comes_in(tmp_path: Path, page: Page) -> None:
    with office(tmp_path) as address:
        sign_in(page, address, "Anna@example.com")
        expect(page).to_have_url(f"{address}/account")
        expect(page.get_by_text("anna@example.com, analyst")).to_be_visible()
        cookies = {each["name"] for each in page.context.cookies()}
        assert "closedloop_session" in cookies
        assert "closedloop_attempt" not in cookies


def test_who_is_no_user_here_stays_outside(tmp_path: Path, page: Page) -> None:
    with office(tmp_path) as address:
        sign_in(page, address, "stranger@example.com")
        expect(page.get_by_role("heading")).to_have_text("stranger@example.com is no user of Closed Loop.")
        page.goto(f"{address}/account")
        expect(page.get_by_role("heading")).to_have_text("Sign in")


def test_an_unverified_email_counts_for_nothing(tmp_path: Path, page: Page) -> None:
    with office(tmp_path, UNVERIFIED="true") as address:
        sign_in(page, address, "anna@example.com")
        expect(page.get_by_role("heading")).to_contain_text("it vouches for no e-mail")


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(tmp_path: Path) -> None:
    with office(tmp_path) as address, httpx.Client(follow_redirects=False) as browser:
        forged = browser.get(f"{address}/sign-in/single/back?code=stolen&state=guessed")
        assert (forged.status_code, "did not begin to sign in" in forged.text) == (403, True)
        begun = browser.get(f"{address}/sign-in/single")
        assert "code_challenge_method=S256" in begun.headers["location"]
        other = browser.get(f"{address}/sign-in/single/back?code=stolen&state=guessed")
        assert (other.status_code, "did not let you in" in other.text) == (403, True)


def test_a_provider_that_is_down_is_told(tmp_path: Path) -> None:
    issuer = f"http://127.0.0.1:{free_port()}"
    with serving(tmp_path, CLOSEDLOOP_OIDC_ISSUER=issuer, CLOSEDLOOP_OIDC_CLIENT_ID="x") as (_, address):
        told = httpx.get(f"{address}/sign-in/single", timeout=60)
        assert (told.status_code, "Try again, or sign in with a password" in told.text) == (503, True)
