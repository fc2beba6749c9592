"""In what a figure is counted."""

from enum import StrEnum


class Unit(StrEnum):
    MONEY = "money"
    COUNT = "count"
    SHARE = "share"
    TIMES = "times"
    DAYS = "days"
    SECONDS = "seconds"
