"""Media plans: a dealer's approved budget of a month over channels, campaigns and contractors, and what came of it.

Law: the items of a plan never exceed the dealer's approved budget, and what is ordered of an item never exceeds it.
Money is whole minor units (kopecks) within, net of VAT as costs of reports are; days are the account's.
"""
