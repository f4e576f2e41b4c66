import pandas as pd

import compare_sequences


def test_a_cell_is_the_mean_over_splits_with_the_lowest_and_the_highest(capsys):
    found = pd.DataFrame(
        [
            {"rows": name, "split": split, "discriminative": told + 0.1 * split,
             "predictive": 0.75, "seconds": None if name == "real" else 3.0 + split}
            for split in (0, 1)
            for name, told in (("real", 0.0), ("rgan", 0.2))
        ]
    )  # fmt: skip
    compare_sequences.show(found)
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| real | 0.050 (0.000 to 0.100) | 0.750 (0.750 to 0.750) |  |",
        "| rgan | 0.250 (0.200 to 0.300) | 0.750 (0.750 to 0.750) | 3.5 |",
    ]
