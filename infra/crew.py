"""Several hands for what becomes due: each thing is done by one of them, and a slow one keeps nobody else waiting."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def work_off(
    stopping: threading.Event,
    due: Callable[[], str | None],
    do: Callable[[str], object],
    *,
    name: str,
    at_once: int,
    look_seconds: float,
) -> None:
    """Do what is `due`, up to so many at once, until `stopping` is set; then what is under way is finished.

    `due` names what is to be done next, which nobody else does then, or None; `do` may not raise.
    """
    room = threading.Semaphore(at_once)
    with ThreadPoolExecutor(at_once, thread_name_prefix=name) as threads:
        while not stopping.is_set():
            room.acquire()
            key = due()
            if key is None:
                room.release()
                stopping.wait(look_seconds)
            else:
                threads.submit(do, key).add_done_callback(lambda _: room.release())
