"""The register of experiments with channels, kept in the operational database; every change is in the audit log."""

from collections.abc import Sequence

import orjson
from sqlalchemy import JSON, Column, Engine, String, Table, delete, insert, select

from attribution.experiments.design import Experiment
from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.database import metadata
from infra.database.moments import UtcMoment
from infra.errors import InvalidInput, NotFound

channel_experiments = Table(
    "channel_experiments",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("document", JSON, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("author", String(200), nullable=False),
)
_its = channel_experiments.c


def add_experiment(engine: Engine, experiment: Experiment, *, author: str, clock: Clock) -> None:
    """Raises `InvalidInput` where one of its id is there."""
    with engine.begin() as connection:
        if connection.scalar(select(_its.id).where(_its.id == experiment.id)) is not None:
            raise InvalidInput(
                f"There is an experiment {experiment.id!r} already.",
                where="id",
                help=f"Choose another id, or remove that one: `closedloop experiments remove {experiment.id}`.",
            )
        row = {
            "id": experiment.id, "document": experiment.as_dict(), "created_at": clock.now(), "author": author,
        }  # fmt: skip
        connection.execute(insert(channel_experiments), row)
        note_change(connection, clock, who=author, what=_named(experiment.id), after=_text(experiment))


def experiments(engine: Engine, *, seen: Visibility = EVERYTHING) -> Sequence[Experiment]:
    """All, in order of ids. Raises `NotPermitted`: they name the dealers and places that they compare."""
    seen.check_sees_everything("The register of experiments", "The ROMI report has the figures of each channel.")
    with engine.connect() as connection:
        found = connection.scalars(select(_its.document).order_by(_its.id))
        return [Experiment.model_validate(document) for document in found]


def experiment_of(engine: Engine, key: str, *, seen: Visibility = EVERYTHING) -> Experiment:
    """Raises `NotFound` and `NotPermitted`."""
    seen.check_sees_everything("The register of experiments", "The ROMI report has the figures of each channel.")
    with engine.connect() as connection:
        document = connection.scalar(select(_its.document).where(_its.id == key))
    if document is None:
        raise NotFound(
            f"There is no experiment {key!r}.", where="experiment", help="`closedloop experiments list` shows all."
        )
    return Experiment.model_validate(document)


def remove_experiment(engine: Engine, key: str, *, author: str, clock: Clock) -> None:
    """Raises `NotFound`."""
    known = experiment_of(engine, key)
    with engine.begin() as connection:
        connection.execute(delete(channel_experiments).where(_its.id == key))
        note_change(connection, clock, who=author, what=_named(key), before=_text(known))


def _named(key: str) -> str:
    return f"experiment {key}"


def _text(experiment: Experiment) -> str:
    return orjson.dumps(experiment.as_dict()).decode()
