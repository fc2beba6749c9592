"""Co-op funds: an importer or a holding pays part of its dealers' advertising.

Money is earned by rule, reserved by approval, settled by claim, and paid; what is unspent expires or is carried over.
"""
