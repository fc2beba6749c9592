"""Attribution models on journeys: pure functions on arrays, the models made of them, and how they compare.

`removal_effects`, `shapley_rate` and their like know arrays only. `Journeys` is a table of journeys in the warehouse
that hands them their arrays; `MODELS` names the models; `compare` sets them side by side.
"""
