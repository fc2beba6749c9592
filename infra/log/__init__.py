"""The event log and its two implementations: a local file, and Apache Kafka."""

from pathlib import Path
from urllib.parse import unquote

from infra.clock import Clock
from infra.errors import InvalidSettings
from infra.log.base import EventLog
from infra.log.local import LocalLog
from infra.log.options import LogOptions

__all__ = ["LogOptions", "open_log"]


def open_log(url: str, clock: Clock, options: LogOptions | None = None) -> EventLog:
    """The log at `local:///absolute/path` or `kafka://host:9092,host:9092`.

    Raises `InvalidSettings` for anything else, `LogUnavailable` where the log cannot be reached.
    """
    scheme, separator, place = url.partition("://")
    if scheme == "local" and separator and place.startswith("/") and len(place) > 1:
        return LocalLog(Path(unquote(place)), clock, options)
    if scheme == "kafka" and place.strip("/"):
        from infra.log.kafka import KafkaLog  # its client takes long to load, and few installations need it

        return KafkaLog(place.strip("/"), clock, options)
    raise InvalidSettings(
        f"CLOSEDLOOP_LOG: {url!r} names no event log.",
        where="CLOSEDLOOP_LOG",
        help="Write local:///absolute/path/of/a/file or kafka://host:9092,host:9092.",
    )
