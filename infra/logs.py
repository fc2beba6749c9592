"""What the product writes to its log: lines on the standard error output, without personal data or secrets."""

import logging

_SAID_IN_OUR_OWN_WORDS = ("alembic", "clickhouse_connect", "kafka", "urllib3")


def write_logs() -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    for library in _SAID_IN_OUR_OWN_WORDS:
        logging.getLogger(library).setLevel(logging.CRITICAL)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
