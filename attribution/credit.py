"""Where reports read credit, and in which columns each model's stands: shares up to and with a touch, and before it.

What runs stored is read as it stands. Markov's shares are found when they are read, by statements that then take the
credit `by_markov` in place of the `stored`: other models cost nothing more for it.
"""

from collections.abc import Iterable

from attribution.models import Model
from attribution.removal_effects import make_effects_known
from infra.warehouse import Warehouse


def credit_of(warehouse: Warehouse, run: int, models: Iterable[Model]) -> dict[str, str]:
    """Which `credits` hold the shares of all these models, as statements take it."""
    if Model.MARKOV not in models:
        return {"credits": "stored"}
    make_effects_known(warehouse, run)
    return {"credits": "by_markov"}


def credit_by(warehouse: Warehouse, run: int, model: Model) -> dict[str, str]:
    """The same for one model, with its columns."""
    return {"share": model.value, "share_before": f"{model.value}_before"} | credit_of(warehouse, run, (model,))
