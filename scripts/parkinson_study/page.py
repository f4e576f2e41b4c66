import pandas as pd


def page(rows: pd.DataFrame) -> str:
    return ""
