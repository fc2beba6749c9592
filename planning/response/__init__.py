"""Response curves: how many leads a month's spend brings, cell by cell, and what a unit more would.

A cell is a channel of a dealer, bought through a contractor. Law: no curve falls, none bends upwards, and of no spend
comes nothing.
"""
