"""Writing the sample: one NDJSON file a family, each in order of time, with a bounded part of it in memory."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from collectors.sample.season import day_of


class DayFiles:
    """Lines that may come a while before their day is written. `flush` writes all days up to one, in order of time."""

    def __init__(self, folder: Path, names: tuple[str, ...], last_day: int) -> None:
        self._files = {name: (folder / f"{name}.ndjson").open("wb") for name in names}
        self._waiting: dict[str, dict[int, list[tuple[int, bytes]]]] = {name: {} for name in names}
        self._last_day = last_day
        self.counts = dict.fromkeys(names, 0)

    def add(self, name: str, at: int, line: bytes) -> bool:
        """Keep a line of the moment `at` (ms); False where it lies behind the period and is not written."""
        if not self.covers(at):
            return False
        self._waiting[name].setdefault(day_of(at), []).append((at, line))
        self.counts[name] += 1
        return True

    def covers(self, at: int) -> bool:
        return day_of(at) <= self._last_day

    def add_event(self, name: str, at: int, event: dict[str, Any]) -> bool:
        return self.add(name, at, orjson.dumps(event))

    def flush(self, day: int) -> None:
        for name, days in self._waiting.items():
            for ready in sorted(number for number in days if number <= day):
                self._files[name].writelines(line + b"\n" for _, line in sorted(days.pop(ready)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush(self._last_day)
        for file in self._files.values():
            file.close()
