"""Templates: how a letter about a request becomes a lead, as TOML that anybody can edit.

    title = "Letters of a classified"
    level = "C"
    sender = "@example.com"             # how the sender's address ends; "" for every sender
    subject = "заявка|звонок"           # a regular expression that the subject matches; "" for every one
    [patterns]                          # field = a regular expression, whose first group is the value
    phone = 'Телефон:\\s*(.+)'
    "properties.car" = 'Автомобиль:\\s*(.+)'
    [constants]
    source = "example"
    kind = "email"

Where no pattern finds a phone, the first number in the text that is one counts.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from collectors.letters.letter import Letter
from collectors.mapping import check_field
from collectors.vendors.base import Level
from infra.errors import InvalidInput, NotFound

_FOLDER = files("collectors.letters") / "templates"
_LONGEST_TEXT = 100_000


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    level: Level
    sender: str = ""
    subject: str = ""
    patterns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    title: str
    level: Level
    sender: str
    subject: re.Pattern[str]
    patterns: Mapping[str, re.Pattern[str]]
    constants: Mapping[str, str]

    @classmethod
    def parse(cls, text: str, name: str) -> "Template":
        """Raises `InvalidInput` for what is no template, no expression, or names a field that leads do not have."""
        try:
            told = _Document.model_validate(tomllib.loads(text))
            patterns = {field: re.compile(each, re.IGNORECASE) for field, each in told.patterns.items()}
            subject = re.compile(told.subject, re.IGNORECASE)
        except (tomllib.TOMLDecodeError, ValidationError, re.error) as error:
            reason = str(error).splitlines()[0]
            help_sentence = "docs/how-to/connect-forms.md shows one."
            raise InvalidInput(f"The template {name} cannot be read: {reason}.", help=help_sentence) from error
        for field in (*told.patterns, *told.constants):
            check_field(field, "leads")
        for field, pattern in patterns.items():
            if not pattern.groups:
                raise InvalidInput(f"The template {name}: the pattern of {field} has no group.", where=field)
        return cls(told.title, told.level, told.sender.lower(), subject, patterns, told.constants)

    def fits(self, letter: Letter) -> bool:
        return letter.sender.endswith(self.sender) and self.subject.search(letter.subject) is not None

    def read(self, letter: Letter, country: str) -> dict[str, Any]:
        """The fields of a lead. `country` is where phones without a country code are."""
        text = letter.text[:_LONGEST_TEXT]
        lead: dict[str, Any] = {"kind": "email", **self.constants}
        properties: dict[str, str] = {"subject": letter.subject, "sender": letter.sender}
        for field, pattern in self.patterns.items():
            found = pattern.search(text)
            if found is None or not (value := found[1].strip()):
                continue
            outer, dot, inner = field.partition(".")
            if dot:
                properties[inner] = value
            else:
                lead[outer] = value
        if not lead.get("phone"):
            lead["phone"] = first_phone(text, country)
        return {**lead, "properties": properties}


def first_phone(text: str, country: str) -> str:
    """The first phone number in a text, in E.164; empty where there is none."""
    for match in phonenumbers.PhoneNumberMatcher(text, country):
        return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    return ""


def template(name: str) -> Template:
    """The template that ships under a name. Raises `NotFound`."""
    return Template.parse(template_text(name), name)


def template_text(name: str) -> str:
    """Of one that ships, or of a .toml file. Raises `NotFound`."""
    place = Path(name) if name.endswith(".toml") else _FOLDER / f"{name}.toml"
    try:
        return place.read_text("utf-8")
    except OSError as error:
        known = ", ".join(template_names())
        raise NotFound(
            f"There is no template {name!r}.", where="template", help=f"There are {known}, or a .toml file."
        ) from error


def template_names() -> list[str]:
    return sorted(place.name.removesuffix(".toml") for place in _FOLDER.iterdir() if place.name.endswith(".toml"))
