"""Asking the running service, where it holds the embedded data that a command would read."""

from collections.abc import Mapping

import httpx2 as httpx

from api.bootstrap import Services
from infra.errors import ClosedLoopError, DataHeld


def ask_holder(
    services: Services, held: DataHeld, path: str, asked: Mapping[str, str] | None = None, body: object = None
) -> bytes:
    """The body of the holder's answer; asked with POST where there is a `body`, which goes as JSON.

    Raises `DataHeld` where none comes, and the holder's errors as it says them.
    """
    try:
        answer = httpx.request(
            "GET" if body is None else "POST",
            f"{held.holder}{path}",
            params=dict(asked or {}),
            json=body,
            headers={"Authorization": f"Bearer {services.api_key}"},
            timeout=60,
        )
        if answer.is_error:
            raise _as_told(answer)
    except httpx.HTTPError as error:
        raise DataHeld(
            f"{held.message} But it does not answer there.", where=held.where, help=held.help, holder=held.holder
        ) from error
    return answer.content


def _as_told(answer: httpx.Response) -> ClosedLoopError:
    try:
        told = answer.json()["error"]
        return ClosedLoopError(told["message"], where=told["where"], help=told["help"])
    except (ValueError, LookupError):
        return ClosedLoopError(f"{answer.url.copy_with(query=None)} answers with status {answer.status_code}.")
