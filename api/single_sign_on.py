"""Signing in by OpenID Connect: the company's own provider says who somebody is; what they may do stands here.

The code flow with PKCE and a nonce (OpenID Connect Core 1.0, RFC 7636). The e-mail it tells has to be that of a user.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from infra.errors import InvalidSettings, NotPermitted, VendorUnavailable
from infra.settings import Settings

_LASTING_S = 600
_TIMEOUT_S = 10
_LEEWAY_S = 120


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the browser keeps, sealed, while its user is at the provider. `after` is where to go then."""

    state: str
    nonce: str
    verifier: str
    after: str
    began: float

    def as_secrets(self) -> dict[str, str]:
        return {
            "state": self.state,
            "nonce": self.nonce,
            "verifier": self.verifier,
            "after": self.after,
            "began": str(self.began),
        }


def attempt_of(told: Mapping[str, str]) -> Attempt:
    return Attempt(told["state"], told["nonce"], told["verifier"], told["after"], float(told["began"]))


class SingleSignOn:
    """Safe to use from several threads. Every method may raise `VendorUnavailable`."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None

    @property
    def is_set_up(self) -> bool:
        return bool(self._issuer)

    def begin(self, redirect_uri: str, after: str) -> tuple[str, Attempt]:
        """The provider's address to send the browser to, and what has to come back with it."""
        attempt = Attempt("", generate_token(30), generate_token(64), after, time.time())
        with self._client(redirect_uri) as client:
            address, state = client.create_authorization_url(
                self._told("authorization_endpoint"), nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        return address, Attempt(state, attempt.nonce, attempt.verifier, after, attempt.began)

    def finish(self, answered: str, redirect_uri: str, attempt: Attempt) -> str:
        """The e-mail the provider vouches for. `answered` is the address that it sent the browser back to.

        Raises `NotPermitted` where it does not vouch for any, or the answer belongs to another attempt.
        """
        if time.time() - attempt.began > _LASTING_S:
            raise _refused("it took more than ten minutes")
        try:
            with self._client(redirect_uri, attempt.state) as client:
                token = client.fetch_token(
                    self._told("token_endpoint"), authorization_response=answered, code_verifier=attempt.verifier
                )
                claims = self._claims(token, attempt.nonce)
                if "email" not in claims:
                    claims |= client.get(self._told("userinfo_endpoint")).raise_for_status().json()
        except (AuthlibBaseError, JoseError, KeyError) as error:
            raise _refused(str(error)) from error
        except (httpx.HTTPError, ValueError) as error:
            raise self._unavailable() from error
        return _email(claims)

    def _claims(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        decoded = self._decoded(token["id_token"])
        options = {
            "iss": {"essential": True, "value": self._told("issuer")},
            "aud": {"essential": True, "value": self._id},
        }
        wanted = {"nonce": nonce, "client_id": self._id, "access_token": token["access_token"]}
        claims = CodeIDToken(decoded.claims, decoded.header, options, wanted)
        claims.validate(leeway=_LEEWAY_S)
        return dict(claims)

    def _decoded(self, id_token: str) -> jwt.Token:
        """With the keys as they are known; with the present ones where the provider has changed them."""
        registry = JWSRegistry(
            algorithms=self._told("id_token_signing_alg_values_supported"), strict_check_header=False
        )
        self._keys = self._keys or self._present_keys()
        try:
            return jwt.decode(id_token, key=self._keys, registry=registry)
        except InvalidKeyIdError:
            self._keys = self._present_keys()
            return jwt.decode(id_token, key=self._keys, registry=registry)

    def _present_keys(self) -> KeySet:
        found = self._fetched(self._told("jwks_uri"))
        return KeySet.import_key_set({"keys": found["keys"]})

    def _client(self, redirect_uri: str, state: str | None = None) -> OAuth2Client:
        return OAuth2Client(
            self._id,
            self._secret,
            scope="openid email profile",
            redirect_uri=redirect_uri,
            state=state,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
        )

    def _told(self, name: str) -> Any:
        """As the provider describes itself. Raises `InvalidSettings` where it lacks that, or is another one."""
        if not self._metadata:
            found = self._fetched(f"{self._issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                raise _wrong_issuer(f"{self._issuer} calls itself {found.get('issuer')}")
            self._metadata = found
        if name not in self._metadata:
            raise _wrong_issuer(f"{self._issuer} tells no {name}")
        return self._metadata[name]

    def _fetched(self, address: str) -> dict[str, Any]:
        try:
            found = httpx.get(address, timeout=_TIMEOUT_S).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._unavailable() from error
        return found if isinstance(found, dict) else {}

    def _unavailable(self) -> VendorUnavailable:
        return VendorUnavailable(
            f"{self._issuer} does not answer.", retry_after=5, help="Try again, or sign in with a password."
        )


def _email(claims: Mapping[str, Any]) -> str:
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified", True) is not True:
        raise _refused("it vouches for no e-mail")
    return email


def _refused(why: str) -> NotPermitted:
    return NotPermitted(
        f"The provider did not let you in: {why}.", where="provider", help="Try again, or ask an administrator."
    )


def _wrong_issuer(why: str) -> InvalidSettings:
    return InvalidSettings(
        f"CLOSEDLOOP_OIDC_ISSUER: {why}.",
        where="CLOSEDLOOP_OIDC_ISSUER",
        help="Take the issuer as the provider's /.well-known/openid-configuration tells it.",
    )
