"""Regular expressions that the warehouse can match: RE2's, which look neither ahead nor back."""

import pyarrow as pa
import pyarrow.compute as pc

_NOTHING = pa.array([""])


def check_pattern(text: str) -> str:
    """The pattern as it is. Raises `ValueError` where RE2, asked here itself, does not take it."""
    try:
        pc.match_substring_regex(_NOTHING, text)
    except pa.ArrowInvalid as error:
        raise ValueError(f"{text!r} is no regular expression: {str(error).rpartition(': ')[2]}") from error
    return text
