"""Result rows as measurements, comparisons, rankings and shares: what every number shown is from.

`Measurements` reads rows once, one value for each arm, unit and metric; `comparisons` sets two arms
side by side over the units that both have; `rankings` and `variance_shares` are made of these. What
shows results imports from here and computes nothing.
"""
