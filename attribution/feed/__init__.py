"""The figures as tables that other programs read in pages: facts by day, and what their names stand for.

Law: the sums over all facts are the totals of the ROMI/CPL report. A fact does not depend on what else is asked for, so
that days can be read apart from each other: cost that names no dealer stays with `(none)` and is not shared out.
"""
