"""Recommendations: the split of a budget that should bring the most margin, within bounds, and how sure that is.

Law: the budget is spent exactly, to the last minor unit, or the answer says why it cannot be.
"""
