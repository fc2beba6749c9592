"""All seven models together against one hand-written query that does only `linear`; and a whole run's memory."""

import resource
import sys
from pathlib import Path

import orjson

from attribution.attributing import attribute
from attribution.runs import newest_run
from bench.holding import open_services
from bench.timing import seconds, turn_about
from infra.sql import Statements

_OURS = Statements("attribution", "credit")
_BY_HAND = Statements("bench", "linear")


def main(folder: Path) -> list[dict[str, str]]:
    services = open_services(folder)
    warehouse, settings = services.warehouse, services.settings
    whole = seconds(lambda: attribute(warehouse, services.database, services.clock, settings, full=True))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    run = newest_run(warehouse).number
    warehouse.command(_BY_HAND["create_linear_credits"])
    asked = {
        "run": run,
        "base": run,
        "since": 0,
        "timezone": settings.timezone,
        "half_life_days": settings.half_life_days,
        "first": settings.custom_first,
        "middle": settings.custom_middle,
        "last": settings.custom_last,
    }

    def all_models() -> None:
        warehouse.command(_BY_HAND["forget_credits"], {"base": run})
        warehouse.command(_OURS["allocate_credit"], asked)

    def only_linear() -> None:
        warehouse.command(_BY_HAND["forget_linear_credits"])
        warehouse.command(_BY_HAND["linear"], {"run": run})

    ours, by_hand = turn_about(5, all_models, only_linear)
    services.close()
    return [
        {
            "what": "seven models",
            "measured": f"{ours:.2f} s",
            "against": f"one hand-written query, linear only: {by_hand:.2f} s",
            "ratio": f"{ours / by_hand:.2f}",
            "wanted": "≤ 3",
        },
        {
            "what": "a whole attribution run: identity, touches, conversions, models, costs",
            "measured": f"{whole:.1f} s, peak memory of the process {memory:.2f} GiB",
            "against": "4 GiB",
            "ratio": f"{memory / 4:.2f}",
            "wanted": "< 1",
        },
    ]


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
