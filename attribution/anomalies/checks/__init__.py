"""The register of checks: each a file, each asked of the same daily series."""

from attribution.anomalies.checks import counts, ratios, silence, spending, unmatched
from attribution.anomalies.finding import Check

CHECKS: tuple[Check, ...] = (
    unmatched.check_unmatched,
    silence.check_silence,
    spending.check_spending,
    counts.check_counts,
    ratios.check_ratios,
)
