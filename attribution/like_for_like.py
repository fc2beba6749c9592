"""Groups compared like for like: what each would reach with everybody's mix, and which differences are beyond noise.

A generalised linear mixed model: link(E[y] / n) = intercept + the effect of the cell's level in each stratum + u of its
group, where u ~ N(0, σ²). Shares are binomial with the logit link, events for a unit of exposure Poisson with the log
link. Levels have the weakly informative prior N(0, 2.5²) (Gelman et al., Annals of Applied Statistics 2, 2008). Effects
are those of the penalised likelihood, so that groups that say little are drawn towards the others, averaged over what σ
may be by the Laplace approximation of its likelihood (Breslow and Clayton, JASA 88, 1993) and a flat prior on it
(Gelman, Bayesian Analysis 1, 2006). What the cells scatter beyond the family's variance is a dispersion, Pearson's χ²
over its degrees of freedom and at least 1 (Wedderburn, Biometrika 61, 1974): it widens every interval. Amounts of money
are given theirs: a compound Poisson sum scatters by the mean square of its amounts over their mean.

A group's share in everybody's mix is the mean over all cells of what the model says of the group there (marginal
standardisation: Lane and Nelder, Biometrics 38, 1982).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logit

Numbers: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]

_PRIOR_PRECISION = 1 / 2.5**2
_SMALLEST_SIGMA, _LARGEST_SIGMA = 0.005, 3.0
_MIDDLE_SIGMA = 0.3
_COARSE, _FINE = 11, 11
_NO_SCATTER = 1e-12
_NEGLIGIBLE = 8.0  # of log-likelihood below its maximum
_MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Family:
    """Of a trial or unit of exposure at η: `mean`, its `slope`, and the `total` that the log-likelihood takes off.

    `link` is the way back from the mean.
    """

    link: Callable[[Numbers], Numbers]
    mean: Callable[[Numbers], Numbers]
    slope: Callable[[Numbers], Numbers]
    total: Callable[[Numbers], Numbers]


SHARES = Family(logit, expit, lambda eta: np.asarray(expit(eta) * expit(-eta)), lambda eta: np.logaddexp(0, eta))
RATES = Family(np.log, np.exp, np.exp, np.exp)


@dataclass(frozen=True, slots=True)
class _Design:
    """A matrix of ones and zeros whose every row has a one in each of several blocks of columns: `places`."""

    places: Places
    width: int

    @classmethod
    def of(cls, codes: Sequence[Places]) -> "_Design":
        design = cls(np.empty((len(codes[0]), 0), int), 0)
        for block in codes:
            design = design.beside(block)
        return design

    def beside(self, codes: Places) -> "_Design":
        """With a further block, a column a code."""
        return _Design(np.column_stack([self.places, codes + self.width]), self.width + int(codes.max()) + 1)

    def sum(self, coefficients: Numbers) -> Numbers:
        """Of each row, those of its places."""
        return np.asarray(coefficients[self.places].sum(axis=1))

    def pull(self, amounts: Numbers) -> Numbers:
        """Of each column, the amounts of its rows: X'a."""
        blocks = self.places.T
        return np.asarray(np.sum([np.bincount(block, amounts, self.width) for block in blocks], axis=0))

    def square(self, weights: Numbers) -> Numbers:
        """X'WX."""
        found = np.zeros(self.width**2)
        for one, other in combinations(self.places.T, 2):
            found += np.bincount(one * self.width + other, weights, self.width**2)
        above = found.reshape(self.width, self.width)
        return above + above.T + np.diag(self.pull(weights))


@dataclass(frozen=True, slots=True)
class _Effects:
    mean: Numbers
    covariance: Numbers


@dataclass(frozen=True, slots=True)
class Compared:
    """The fitted model; `groups` are in order, and arrays of effects are in theirs."""

    groups: tuple[str, ...]
    sigma: float
    dispersion: float
    effects: Numbers
    covariance: Numbers
    _family: Family
    _likeliest: _Effects
    _coefficients: _Effects
    _design: _Design
    _out_of: Numbers

    def standardised(self, level: float = 0.95) -> pd.DataFrame:
        """Of each group `mean`, `low` and `high`: what it would reach, of one, with the mix of all cells."""
        eta = self._design.sum(self._coefficients.mean[: self._design.width])
        weight = self._out_of / self._out_of.sum()
        means, gradients = [], []
        for place, effect in enumerate(self.effects):
            slope = weight * self._family.slope(eta + effect)
            means.append(float((weight * self._family.mean(eta + effect)).sum()))
            of_group = np.zeros(len(self.effects))
            of_group[place] = slope.sum()
            gradients.append(np.concatenate([self._design.pull(slope), of_group]))
        mean, gradient = np.array(means), np.array(gradients).reshape(len(means), -1)
        centre = self._family.link(mean)
        variance = np.einsum("ij,jk,ik->i", gradient, self._coefficients.covariance, gradient)
        far = float(scipy.stats.norm.ppf((1 + level) / 2)) * np.sqrt(variance) / self._family.slope(centre)
        low, high = self._family.mean(centre - far), self._family.mean(centre + far)
        return pd.DataFrame({"mean": mean, "low": low, "high": high}, index=self.groups)

    def against(self, peers: Sequence[str]) -> pd.DataFrame:
        """Of each group its `difference`, on the link, from the mean of its peers (those of one name), and how sure.

        `p` is two-sided: with v the variance that remains of a difference whose prior variance is w, the drawn-in
        difference scatters with the variance v (1 - v / w) where there is none. `q` is the false discovery rate at
        which the group counts as different (Benjamini and Hochberg, JRSS B 57, 1995). One without peers has neither.
        """
        names = np.array(peers)
        same = (names[:, None] == names[None, :]).astype(float)
        contrast = np.eye(len(names)) - same / same.sum(axis=1, keepdims=True)
        alone = same.sum(axis=1) == 1
        remains = np.einsum("ij,jk,ik->i", contrast, self._likeliest.covariance, contrast)
        prior = np.where(alone, 1, self.sigma**2 * np.einsum("ij,ij->i", contrast, contrast))
        scatter = np.sqrt(np.maximum(remains * (1 - remains / prior), _NO_SCATTER))
        p = np.where(alone, np.nan, 2 * scipy.stats.norm.sf(np.abs(contrast @ self._likeliest.mean) / scatter))
        q = np.full(len(names), np.nan)
        if not alone.all():
            q[~alone] = scipy.stats.false_discovery_control(p[~alone])
        difference = np.where(alone, np.nan, contrast @ self.effects)
        return pd.DataFrame({"difference": difference, "p": p, "q": q}, index=self.groups)


def compare(
    cells: pd.DataFrame,
    strata: Sequence[str],
    happened: str,
    out_of: str,
    family: Family,
    dispersion: float | None = None,
) -> Compared | None:
    """Of `cells` with a column `group`, one for each of `strata`, and what happened out of how much.

    Cells of nothing are passed over. None where nothing happened at all, or everything: then there is no difference.
    """
    told = cells[cells[out_of] > 0]
    if told[happened].sum() <= 0 or (family is SHARES and told[happened].sum() == told[out_of].sum()):
        return None
    group = pd.Categorical(told["group"])
    of_levels = _Design.of([np.zeros(len(told), int), *(_codes(told[name]) for name in strata)])
    of_all = of_levels.beside(np.asarray(group.codes, int))
    model = _Model(family, of_all, told[happened].to_numpy(float), told[out_of].to_numpy(float), of_levels.width)
    if dispersion is None:
        dispersion = max(1.0, model.scatter(model.fitted(_MIDDLE_SIGMA, 1.0, None)))
    likeliest, averaged = model.explored(dispersion)
    of_groups = slice(model.levels, None)
    return Compared(
        tuple(str(name) for name in group.categories),
        likeliest.sigma,
        dispersion,
        averaged.mean[of_groups],
        averaged.covariance[of_groups, of_groups],
        family,
        _Effects(likeliest.coefficients[of_groups], likeliest.covariance[of_groups, of_groups]),
        averaged,
        of_levels,
        told[out_of].to_numpy(float),
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    """`evidence` is the log of the marginal likelihood, but for what does not depend on σ; `hessian` is negative."""

    sigma: float
    coefficients: Numbers
    hessian: Numbers
    evidence: float

    @property
    def covariance(self) -> Numbers:
        return np.asarray(cho_solve(cho_factor(self.hessian), np.eye(len(self.coefficients))))


@dataclass(frozen=True, slots=True)
class _Model:
    """`levels` is the number of columns of `design` before those of groups."""

    family: Family
    design: _Design
    happened: Numbers
    out_of: Numbers
    levels: int

    def explored(self, dispersion: float) -> tuple[_Fit, _Effects]:
        """The fit of likeliest σ, and the coefficients over all that are likely."""
        coarse = self._fits(np.geomspace(_SMALLEST_SIGMA, _LARGEST_SIGMA, _COARSE), dispersion)
        heights = np.array([fit.evidence + np.log(fit.sigma) for fit in coarse])
        likely = np.flatnonzero(heights > heights.max() - _NEGLIGIBLE)
        low, high = max(likely[0] - 1, 0), min(likely[-1] + 1, _COARSE - 1)
        fits = self._fits(np.geomspace(coarse[low].sigma, coarse[high].sigma, _FINE), dispersion)
        evidence = np.array([fit.evidence for fit in fits])
        weight = np.exp(evidence - evidence.max()) * np.array([fit.sigma for fit in fits])  # flat in σ, even in log σ
        weight /= weight.sum()
        coefficients = np.array([fit.coefficients for fit in fits])
        mean = weight @ coefficients
        apart = coefficients - mean
        within = sum((part * fit.covariance for part, fit in zip(weight, fits, strict=True)), np.zeros(1))
        return fits[int(np.argmax(evidence))], _Effects(mean, within + (apart.T * weight) @ apart)

    def _fits(self, sigmas: Numbers, dispersion: float) -> list[_Fit]:
        fits: list[_Fit] = []
        for sigma in sigmas:
            fits.append(self.fitted(float(sigma), dispersion, fits[-1].coefficients if fits else None))
        return fits

    def fitted(self, sigma: float, dispersion: float, start: Numbers | None) -> _Fit:
        """By Newton's steps, halved while they lead down."""
        penalty = self._penalty(sigma)
        at = self._middle() if start is None else start
        height = self._height(at, penalty, dispersion)
        for _ in range(_MOST_STEPS):
            eta = self.design.sum(at)
            residual = (self.happened - self.out_of * self.family.mean(eta)) / dispersion
            factor = cho_factor(self._hessian(eta, penalty, dispersion))
            step = cho_solve(factor, self.design.pull(residual) - penalty * at)
            size = 1.0
            while (new := self._height(at + size * step, penalty, dispersion)) < height and size > 1e-6:
                size /= 2
            at = at + size * step
            if new - height < 1e-9 * (1 + abs(height)):
                break
            height = new
        hessian = self._hessian(self.design.sum(at), penalty, dispersion)
        groups = len(at) - self.levels
        log_determinant = 2 * np.log(np.diag(cho_factor(hessian)[0])).sum()
        evidence = self._height(at, penalty, dispersion) - groups * np.log(sigma) - log_determinant / 2
        return _Fit(sigma, at, hessian, float(evidence))

    def scatter(self, fit: _Fit) -> float:
        """Pearson's χ² over the degrees of freedom that the effects leave."""
        eta = self.design.sum(fit.coefficients)
        variance = self.out_of * self.family.slope(eta)
        used = np.trace(np.linalg.solve(fit.hessian, self._hessian(eta, np.zeros(len(fit.coefficients)), 1.0)))
        left = max(len(eta) - float(used), 1.0)
        return float((((self.happened - self.out_of * self.family.mean(eta)) ** 2) / variance).sum() / left)

    def _middle(self) -> Numbers:
        """Every group and level alike."""
        share = (self.happened.sum() + 0.5) / (self.out_of.sum() + 1)
        at = np.zeros(self.design.width)
        at[0] = logit(min(share, 0.999)) if self.family is SHARES else np.log(share)
        return at

    def _penalty(self, sigma: float) -> Numbers:
        penalty = np.full(self.design.width, 1 / sigma**2)
        penalty[: self.levels] = _PRIOR_PRECISION
        penalty[0] = 0.0
        return penalty

    def _height(self, at: Numbers, penalty: Numbers, dispersion: float) -> float:
        eta = self.design.sum(at)
        likelihood = (self.happened * eta - self.out_of * self.family.total(eta)).sum()
        return float(likelihood / dispersion - (penalty * at**2).sum() / 2)

    def _hessian(self, eta: Numbers, penalty: Numbers, dispersion: float) -> Numbers:
        weight = self.out_of * self.family.slope(eta) / dispersion
        return self.design.square(weight) + np.diag(penalty)


def _codes(values: pd.Series) -> Places:
    codes, _ = pd.factorize(values, sort=True)
    return np.asarray(codes, int)
