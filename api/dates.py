"""Days and times in the form of the language that a page is written in."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime

from api.language import language


def dated(moment: date, pattern: str) -> str:
    """By a pattern of Unicode's date format, such as `dd MMM y, HH:mm`, in the zone that the moment is told in."""
    if isinstance(moment, datetime):
        return format_datetime(moment, pattern, tzinfo=moment.tzinfo, locale=language())
    return format_date(moment, pattern, locale=language())
