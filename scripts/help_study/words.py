"""The parts of the page that do not change with the rows."""

HEAD = """\
# When do synthetic rows help?

The question that every user brings, on {tables} real tables (of {planned} that were planned; the
page is written anew as more have run): {keel} of the KEEL repository, {imbalanced} of them
imbalanced, on which the literature on SMOTE rests, and {others} of R packages, with a target
drawn at random. 60 to 1,500 rows, 2 to 29 columns beside the target. Three repeats, each a new
split (a third is tested on), a new fit and a new sample; four predictors (linear, random forest,
LightGBM, nearest neighbours), which are averaged; every generator at its defaults. What fits the
generator by segments (`profile2gen`, `random_drop`) and what trains on synthetic rows alone has
run on {segments} tables so far.

This page is written by

    python scripts/when_it_helps.py --choose
    python scripts/when_it_helps.py --outputs FOLDER
    python scripts/when_it_helps.py --page

from the rows in `scripts/results/when_it_helps` ({jobs} jobs). A gain is the difference from the
real rows as they are, in % of their score (AUC where classes are predicted, RMSE where numbers
are), above 0 where it is better; practically equal is within ± {rope} %. Tables are the
independent units: predictors and repeats are no evidence of their own. `sweep
experiment=when_it_helps` is the same on one table.
"""

LIMITS = """\
## What is not in it

- Networks other than `ddpm` (tvae, ctgan, tabpfn and others) and forest_flow take up to 200 times
  as long to fit as the rest and were left out: what is said here of generators is said of `smote`
  (its form for the table), `adasyn`, `cart`, `arf`, `bayesian_network`, `gaussian_copula` and
  `ddpm`, with `bootstrap` as control. Profile2Gen and random dropping ran with `arf` and
  `bayesian_network`.
- `adasyn` takes numbers alone, so that it ran on fewer tables.
- In MASS/survey and rpart/cu.summary NA was read as a level, not as missing, when the jobs ran.
- Targets of the tables of R packages were drawn at random among the columns that can be one. Some
  are hard or easy to predict for reasons that no user would choose.
- Three repeats settle few tables singly. Shares by the mean of three repeats are therefore too
  wide on both sides: noise alone puts some tables beyond 1 %. `bootstrap`, which repeats real
  rows, shows how many.
- As many synthetic rows as there are real ones, or up to the largest class; no tuning of the
  number.
- Privacy and closeness were not measured. Synthetic rows have other uses than a better score.
"""
