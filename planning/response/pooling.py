"""Elasticities of cells, pooled by channel: empirical Bayes on a grid.

A cell tells how likely each elasticity is. In a channel the logits of elasticities are normal about a centre, with a
spread; both are weighed by how likely they make what all its cells told, and no single value of either is trusted:
cells are averaged over them. Channels' centres are pooled towards each other with the variance of DerSimonian and Laird
(Controlled Clinical Trials 7, 1986), so that a channel of which little is known is taken to be like the others.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from planning.response.curves import Numbers, Places
from planning.response.panel import sums

LOGITS = np.linspace(-3.5, 3.2, 25)
ELASTICITIES = np.asarray(expit(LOGITS))
_CENTRES = np.linspace(-2.8, 2.8, 23)
_SPREADS = np.array([0.1, 0.15, 0.22, 0.33, 0.5, 0.7, 1.0])
_USUAL_SPREAD, _SPREAD_OF_SPREADS = 0.35, 0.5
_USUAL_CENTRE, _USUAL_FAR = 0.0, 1.2
_NARROWEST = 0.35
"""Channels are never taken to be all alike, however few they are."""


@dataclass(frozen=True)
class Pooled:
    """`posterior` is of the shape (cells, grid); `weights` (channels, hyper grid) how likely each centre and spread is.

    `centre_error` is by channel the standard deviation of its centre as an elasticity, were there no others, and `own`
    by cell the share of what is known of it that its own months told.
    """

    posterior: Numbers
    weights: Numbers
    priors: Numbers
    likelihood: Numbers
    centre: Numbers
    centre_error: Numbers
    own: Numbers

    @property
    def mean(self) -> Numbers:
        return np.asarray(self.posterior @ ELASTICITIES)


def pool(log_likelihood: Numbers, channel: Places, channels: int) -> Pooled:
    """`log_likelihood` is of the shape (grid, cells)."""
    centres, spreads = (each.ravel() for each in np.meshgrid(_CENTRES, _SPREADS, indexing="ij"))
    priors = np.exp(-0.5 * ((LOGITS - centres[:, None]) / spreads[:, None]) ** 2)
    priors /= priors.sum(axis=1, keepdims=True)
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=0)).T
    likely = likelihood @ priors.T
    usual = -0.5 * (np.log(spreads / _USUAL_SPREAD) / _SPREAD_OF_SPREADS) ** 2
    evidence = sums(channel, np.log(np.maximum(likely, 1e-300)), channels) + usual
    alone = _normalised(evidence - 0.5 * ((centres - _USUAL_CENTRE) / _USUAL_FAR) ** 2)
    weights = _towards_each_other(evidence, centres, alone)
    chosen = weights[channel] / np.maximum(likely, 1e-300)
    posterior = likelihood * (chosen @ priors)
    posterior /= posterior.sum(axis=1, keepdims=True)
    as_elasticity = expit(centres)
    error = np.sqrt(np.maximum(alone @ as_elasticity**2 - (alone @ as_elasticity) ** 2, 0))
    return Pooled(
        posterior,
        weights,
        priors,
        likelihood,
        weights @ as_elasticity,
        error,
        _own(likelihood, (weights @ spreads**2)[channel]),
    )


def draw(pooled: Pooled, channel: Places, draws: int, rng: np.random.Generator) -> Numbers:
    """Elasticities of the shape (draws, cells): those of a channel's cells in one draw share its centre and spread."""
    found = np.empty((draws, len(channel)))
    step = (LOGITS[1] - LOGITS[0]) / 2
    for place, weights in enumerate(pooled.weights):
        cells = np.flatnonzero(channel == place)
        hyper = rng.choice(len(weights), draws, p=weights)
        likely = pooled.priors[hyper][:, None, :] * pooled.likelihood[cells][None]
        upto = np.cumsum(likely, axis=2)
        chosen = (upto < rng.random((draws, len(cells), 1)) * upto[..., -1:]).sum(axis=2)
        chosen = np.minimum(chosen, len(LOGITS) - 1)
        found[:, cells] = expit(LOGITS[chosen] + rng.uniform(-step, step, chosen.shape))
    return found


def _towards_each_other(evidence: Numbers, centres: Numbers, weights: Numbers) -> Numbers:
    """How likely each centre and spread is, channel by channel, given where the other channels' centres lie.

    `weights` are the same where nothing is known of other channels.
    """
    mean = weights @ centres
    error = weights @ centres**2 - mean**2
    if len(evidence) < 2:
        return weights
    precision = 1 / error
    overall = float((precision * mean).sum() / precision.sum())
    apart = float((precision * (mean - overall) ** 2).sum()) - (len(mean) - 1)
    room = float(precision.sum() - (precision**2).sum() / precision.sum())
    between = max(apart / room, _NARROWEST**2)
    believed = 1 / (error + between)
    overall = float((believed * mean).sum() / believed.sum())
    far = between + 1 / float(believed.sum())
    return _normalised(evidence - 0.5 * (centres - overall) ** 2 / far)


def _normalised(log_weights: Numbers) -> Numbers:
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _own(likelihood: Numbers, spread: Numbers) -> Numbers:
    """The reliability spread² / (spread² + error²) of what a cell told, on the scale of logits."""
    share = likelihood / likelihood.sum(axis=1, keepdims=True)
    mean = share @ LOGITS
    error = share @ LOGITS**2 - mean**2
    flat = float(((LOGITS - LOGITS.mean()) ** 2).mean())
    own = np.maximum(1 / np.maximum(error, 1e-6) - 1 / flat, 0)
    return np.asarray(own / (own + 1 / spread))
