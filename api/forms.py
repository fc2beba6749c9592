"""What forms of pages send."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

_MOST_FIELDS = 20_000  # a table of rules or numbers is one form


async def read_form(request: Request) -> FormData:
    """Read once, however many ask."""
    return await request.form(max_fields=_MOST_FIELDS)


async def told_form(request: Request) -> AsyncIterator[FormData]:
    """Files of it are closed when the answer is there."""
    form = await read_form(request)
    yield form
    await form.close()


ToldForm = Annotated[FormData, Depends(told_form)]


def text_of(form: FormData, name: str) -> str:
    """Of a field, without blanks around it; empty where there is none."""
    told = form.get(name)
    return told.strip() if isinstance(told, str) else ""


def number_of(form: FormData, name: str) -> int:
    """Of a hidden field that we filled; 0 where it holds anything else."""
    told = text_of(form, name)
    return int(told) if told.isdecimal() and len(told) < 10 else 0


def texts_of(form: FormData, name: str) -> list[str]:
    """Of each field of that name."""
    return [told.strip() for told in form.getlist(name) if isinstance(told, str) and told.strip()]


def lines_of(form: FormData, name: str) -> list[str]:
    """What stands on each line of a field."""
    return [line.strip() for line in text_of(form, name).splitlines() if line.strip()]


def named(form: FormData, ticked: str, others: str) -> tuple[str, ...]:
    """Names that are ticked in a list, and those that are written below it, a line each."""
    return tuple(dict.fromkeys([*texts_of(form, ticked), *lines_of(form, others)]))


def unknown(names: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """Those that no list of boxes offers."""
    return [name for name in names if name not in known]
