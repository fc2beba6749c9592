"""An access token got with a client's id and secret: kept with the source's secrets, and renewed when it ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx2 as httpx

from collectors.vendors.asking import Api
from collectors.vendors.base import Pull
from infra.errors import VendorRefused

_TOKEN, _UNTIL, _REFRESH = "kept_token", "kept_token_until", "kept_refresh_token"
_SPARE = timedelta(minutes=5)
_A_DAY = 86_400
_REFUSALS = (400, 401, 403)


class KeptToken:
    """The token that `api` is asked with. `client` are the fields that name the client to the login at `path`."""

    def __init__(self, api: Api, pull: Pull, path: str, client: Mapping[str, str]) -> None:
        self._api = api
        self._pull = pull
        self._path = path
        self._client = client
        secrets = pull.source.secrets
        self._refresh_token = secrets.get(_REFRESH, "")
        self._token = secrets.get(_TOKEN, "")
        if not self._token or datetime.fromisoformat(secrets[_UNTIL]) <= pull.now:
            self._renew()

    def ask(self, method: str, path: str, api: Api | None = None, **request: Any) -> httpx.Response:
        """As `Api.ask`, by way of `api` where that is another one; a token that is taken no more is renewed once."""
        asked, accept = api or self._api, request.pop("accept", ())
        answer = asked.ask(method, path, accept=(401, *accept), **self._named(request))
        if answer.status_code != httpx.codes.UNAUTHORIZED:
            return answer
        self._renew()
        return asked.ask(method, path, accept=accept, **self._named(request))

    def _named(self, request: Mapping[str, Any]) -> dict[str, Any]:
        headers = {**request.get("headers", {}), "Authorization": f"Bearer {self._token}"}
        return {**request, "headers": headers}

    def _renew(self) -> None:
        """A token that is renewed is no new one: some vendors give only a few."""
        told = self._granted({"grant_type": "refresh_token", "refresh_token": self._refresh_token})
        told = told or self._granted({"grant_type": "client_credentials"})
        if told is None or "access_token" not in told:
            raise VendorRefused(
                "The vendor gives no token.",
                status=httpx.codes.FORBIDDEN,
                help="Check the client's id and secret; where too many tokens were given, delete them at the vendor's.",
            )
        until = self._pull.now + timedelta(seconds=int(told.get("expires_in") or _A_DAY)) - _SPARE
        self._refresh_token = str(told.get("refresh_token", ""))
        self._token = str(told["access_token"])
        kept = {_TOKEN: self._token, _REFRESH: self._refresh_token, _UNTIL: until.isoformat()}
        self._pull.save_secrets(kept)

    def _granted(self, grant: Mapping[str, str]) -> dict[str, Any] | None:
        if grant.get("refresh_token") == "":
            return None
        answer = self._api.ask("POST", self._path, accept=_REFUSALS, data={**grant, **self._client})
        told: dict[str, Any] = answer.json()
        return told if answer.is_success else None
