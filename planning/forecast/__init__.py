"""Forecasts of sales, leads, calls and service visits, by dealer, direction and month.

Law: dealers add up to the holding, and directions to the whole. Nothing is shown that did worse in its own past than
the same month of the year before.
"""
