"""Forecasts that add up: minimum trace reconciliation with a shrunken covariance (Wickramasuriya and others, 2019).

Each node has a forecast of its own; they are moved as little as their errors allow until dealers add up to the holding
and directions to the whole. Written with the constraints, it takes the inverse of a matrix as large as there are sums,
and not as large as there are lines. A line that falls below 0 is set to 0, and sums are added up again.
"""

import numpy as np

from planning.forecast.tree import Tree
from planning.response.curves import Numbers

_LEAST_VARIANCE = 0.05


def reconciled(base: Numbers, errors: Numbers, tree: Tree) -> Numbers:
    """Coherent, and nowhere below 0. Of the shape (nodes, horizon); `errors` of a month ahead (nodes, months)."""
    if not tree.sums:
        return np.maximum(base, 0)
    spread = covariance(errors)
    constraints = np.concatenate([np.eye(tree.sums), -tree.members], axis=1)
    carried = spread @ constraints.T
    inner = constraints @ carried
    inner += 1e-9 * np.trace(inner) / len(inner) * np.eye(len(inner))
    moved = base - carried @ np.linalg.solve(inner, constraints @ base)
    return tree.added_up(np.maximum(moved[tree.sums :], 0))


def covariance(errors: Numbers) -> Numbers:
    """With correlations shrunken as far as they are uncertain (Schäfer and Strimmer, 2005)."""
    months = errors.shape[1]
    variances = np.maximum((errors**2).mean(axis=1), _LEAST_VARIANCE)
    scaled = errors / np.sqrt(variances)[:, None]
    together = scaled @ scaled.T / months
    doubt = (scaled**2) @ (scaled**2).T / months - together**2
    off = ~np.eye(len(errors), dtype=np.bool_)
    strength = float((together[off] ** 2).sum())
    shrunk = min(1.0, float(doubt[off].sum()) / max(months - 1, 1) / strength) if strength > 0 else 1.0
    correlations = np.where(off, (1 - shrunk) * together, 1.0)
    return np.asarray(correlations * np.sqrt(np.outer(variances, variances)))
