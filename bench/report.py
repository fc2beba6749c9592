"""The ROMI report by channel, from what the attribution run stored."""

import sys
from datetime import timedelta
from pathlib import Path

import orjson

from attribution.reports import Question, romi_report
from bench.holding import UNTIL, open_services
from bench.timing import turn_about


def main(folder: Path) -> list[dict[str, str]]:
    services = open_services(folder)
    question = Question(("channel",), UNTIL - timedelta(days=364), UNTIL)
    (taken,) = turn_about(31, lambda: romi_report(services.warehouse, question, services.settings.timezone))
    services.close()
    return [
        {
            "what": "ROMI report by channel, a year",
            "measured": f"{taken * 1000:.0f} ms at the median",
            "against": "300 ms",
            "ratio": f"{taken / 0.3:.2f}",
            "wanted": "≤ 1",
        }
    ]


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
