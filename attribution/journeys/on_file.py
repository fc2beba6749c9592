"""Every model on a file of journeys, in an engine of its own: no data folder is held."""

from collections.abc import Mapping
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attribution.answer import Answer
from attribution.journeys.comparing import compare
from attribution.journeys.filling import journeys_of
from attribution.journeys.markov import MOST_ORDER
from attribution.journeys.reading import Reading, read_source
from attribution.measures import Unit
from infra.errors import InvalidInput, WarehouseError
from infra.settings import Settings
from infra.warehouse import open_scratch


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """`columns` says which column of the file (value) is which of ours (key); `separator` is of patterns, the look-back
    of touches. Channels are «channel / campaign» by `campaign`; last non-direct passes over the channel `direct`.
    """

    order: int = 1
    separator: str = ">"
    columns: Mapping[str, str] = field(default_factory=dict)
    lookback_days: float = 90
    by: str = "channel"
    direct: str = "direct"

    def __post_init__(self) -> None:
        check_order(self.order)
        check_by(self.by)
        if not 0 < self.lookback_days <= 36_500:
            raise InvalidInput("A look-back is of more than 0 days, and of 36,500 at most.", where="lookback")

    def as_dict(self) -> dict[str, Any]:
        return {
            "order": self.order,
            "separator": self.separator,
            "lookback": self.lookback_days,
            "by": self.by,
            "direct": self.direct,
        }


def check_order(order: int) -> None:
    if not 1 <= order <= MOST_ORDER:
        raise InvalidInput(
            f"There is no Markov chain of order {order} here.", where="order", help="Choose 1, 2, 3 or 4."
        )


def check_by(by: str) -> None:
    if by not in ("channel", "campaign"):
        raise InvalidInput(f"Models are not compared by {by!r}.", where="by", help="Choose channel or campaign.")


def compare_file(file: Path, question: FileQuestion, settings: Settings) -> Answer:
    """Raises `InvalidInput` where the file is no table of journeys. For a process that holds no embedded warehouse."""
    with TemporaryDirectory(prefix="closedloop-") as folder:
        reading = Reading(question.separator, question.by == "campaign", question.columns)
        source = read_source(file, Path(folder), reading)
        warehouse = open_scratch(settings)
        try:
            with journeys_of(
                warehouse,
                source,
                separator=question.separator,
                lookback_days=question.lookback_days,
                half_life_days=settings.half_life_days,
                direct=question.direct,
            ) as journeys:
                found = compare(journeys, question.order)
        finally:
            warehouse.close()
    totals: dict[str, Any] = {
        str(name): float(value) for name, value in found.rows.drop(columns=["channel", "removal_effect"]).sum().items()
    }
    asked = {**question.as_dict(), "read_as": source.layout.kind}
    figures = found.figures(Unit.MONEY)
    return Answer(
        "models", None, ("channel",), figures, found.rows, asked, {**totals, "removal_effect": None}, found.about()
    )


def compare_apart(body: bytes, question: FileQuestion, settings: Settings) -> Answer:
    """The same of a body, in a process of its own: one that holds an embedded warehouse cannot open a second."""
    with (
        TemporaryDirectory(prefix="closedloop-") as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart,
    ):
        file = Path(folder) / "body"
        file.write_bytes(body)
        try:
            return apart.submit(compare_file, file, question, settings).result()
        except BrokenExecutor as error:
            raise WarehouseError(
                "The process that compared the models ended before it was done: memory ran out.",
                help="Send fewer journeys, or run `closedloop models` on a machine that has more memory.",
            ) from error
