"""What the product writes to its log: lines on the standard error output, without personal data or secrets."""

import logging
import traceback
from pathlib import Path

_SAID_IN_OUR_OWN_WORDS = ("alembic", "clickhouse_connect", "kafka", "urllib3")


def surprise(error: BaseException) -> str:
    """What kind of error it is and where it came up: an error's own text may quote personal data."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"


def write_logs() -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    for library in _SAID_IN_OUR_OWN_WORDS:
        logging.getLogger(library).setLevel(logging.CRITICAL)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
