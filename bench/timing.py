"""How benchmarks take time: turn about, so that a noisy minute hits both sides, and by the median."""

import resource
from collections.abc import Callable
from statistics import median
from time import perf_counter


def seconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


def turn_about(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The median seconds of each, run in turn `rounds` times."""
    taken = [[seconds(work) for work in works] for _ in range(rounds)]
    return [median(column) for column in zip(*taken, strict=True)]


def peak_memory() -> float:
    """The most that this process has held, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
