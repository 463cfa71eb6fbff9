"""quality.py PIPELINE: how well `holdfast backtest` foretells who buys, beside lifetimes, scikit-learn's logistic regression and LightGBM.

All have the same customers, days and outcomes. The two learners get every number of the table `customers` that is no score of a model, as of a
horizon before each origin, with what came up to it; LightGBM's leaves, rate and rounds are those of the least log loss in five folds of that.
Needs pandas, Lifetimes, scikit-learn and lightgbm."""
import argparse
import datetime
import pathlib
import sqlite3
import subprocess
import sys
import warnings

import lightgbm
import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, ParetoNBDFitter
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer

SCORES = ["p_alive", "churn_risk", "expected_purchases", "expected_value_minor", "clv_minor", "clv_infinite_minor"]


class Store:
    """The pipeline's dumps, loaded once into a folder of this script's own."""

    def __init__(self, options):
        self.options, self.folder = options, options.out
        self.folder.mkdir(parents=True, exist_ok=True)
        self.run("extract")

    def run(self, command, *flags, database="backtest"):
        path = self.folder / f"{database}.sqlite"
        place = [] if command == "extract" else ["--database", str(path)]
        subprocess.run(
            [self.options.holdfast, command, self.options.pipeline, "--quiet", "--state", str(self.folder / "state"), *place, *flags],
            check=True, stdout=subprocess.DEVNULL)
        return path

    def backtest(self):
        path = self.run("backtest", "--origins", str(self.options.origins), "--horizon", f"{self.options.horizon}d")
        return pd.read_sql(
            "SELECT origin, model, customers, buyers, auc, log_loss, mae, rmse FROM backtests "
            f"WHERE segment = 'all' AND horizon_days = {self.options.horizon} ORDER BY origin", sqlite3.connect(path))

    def customers(self, day):
        """As of a day, those who had bought by then."""
        path = self.run("run", "--as-of", str(day), database=str(day))
        return pd.read_sql("SELECT * FROM customers WHERE frequency IS NOT NULL", sqlite3.connect(path)).set_index("customer_id")


def left(then, later, day):
    """1 for each customer of `then`, as of `day`, who bought nothing up to the day of `later`."""
    return (later.loc[then.index, "last_purchase"] <= str(day)).astype(int)


def inputs(customers):
    numbers = customers.select_dtypes("number")
    return numbers.drop(columns=[name for name in SCORES if name in numbers])


def logistic(known, outcome, asked):
    model = make_pipeline(SimpleImputer(), PowerTransformer(), LogisticRegression(max_iter=3000))
    return model.fit(known, outcome).predict_proba(asked)[:, 1]


def boosted(known, outcome, asked):
    best = None
    for leaves, rate, rows_min in ((7, 0.03, 40), (15, 0.03, 20), (4, 0.05, 60)):
        options = {
            "objective": "binary", "num_leaves": leaves, "learning_rate": rate, "min_data_in_leaf": rows_min, "feature_fraction": 0.7,
            "bagging_fraction": 0.8, "bagging_freq": 1, "verbose": -1, "seed": 1, "num_threads": 1}
        tried = lightgbm.cv(
            options, lightgbm.Dataset(known, outcome), 1000, folds=StratifiedKFold(5, shuffle=True, random_state=0),
            callbacks=[lightgbm.early_stopping(50, verbose=False)])["valid binary_logloss-mean"]
        if best is None or min(tried) < best[0]:
            best = (min(tried), options, int(np.argmin(tried)) + 1)
    return lightgbm.train(best[1], lightgbm.Dataset(known, outcome), best[2]).predict(asked)


def purchases(fitter, customers, horizon):
    """Expected by lifetimes; None where its fit or its formulas come to nothing."""
    columns = [customers[name].astype(float) for name in ("frequency", "recency_days", "tenure_days")]
    try:
        fitter.fit(*columns)
        expected = np.asarray(fitter.conditional_expected_number_of_purchases_up_to_time(float(horizon), *columns), float)
        return expected if np.isfinite(expected).all() else None
    except Exception as error:  # ConvergenceError is not exported.
        print(f"  {type(fitter).__name__}: {str(error).strip().splitlines()[0]}", file=sys.stderr)
        return None


def measure(store, tested, horizon):
    """One row for each origin and model."""
    rows = []
    for origin, own in tested.groupby("origin"):
        day, step = datetime.date.fromisoformat(origin), datetime.timedelta(horizon)
        early, then, later = (store.customers(d) for d in (day - step, day, day + step))
        known, asked, outcome = left(early, then, day - step), left(then, later, day), later.loc[then.index, "frequency"] - then.frequency
        if not (own.customers == len(then)).all() or not (own.buyers == int((asked == 0).sum())).all():
            sys.exit(f"{origin}: not the customers or the buyers of the backtest")
        rows += [(origin, "holdfast " + row.model, row.auc, row.log_loss, row.mae, row.rmse) for row in own.itertuples()]
        for fitter in (BetaGeoFitter(), ParetoNBDFitter()):
            found, name = purchases(fitter, then, horizon), "lifetimes " + type(fitter).__name__
            if found is not None:
                off = found - outcome
                rows.append((origin, name, roc_auc_score(asked, -found), None, off.abs().mean(), (off**2).mean() ** 0.5))
        # What nobody has is no input.
        columns = [name for name in inputs(early) if early[name].notna().any()]
        for name, learner in (("scikit-learn logistic", logistic), ("LightGBM", boosted)):
            chance = learner(early[columns], known, then[columns])
            rows.append((origin, name, roc_auc_score(asked, chance), log_loss(asked, chance), None, None))
    return pd.DataFrame(rows, columns=["origin", "model", "auc", "log_loss", "mae", "rmse"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pipeline")
    parser.add_argument("--holdfast", default=".build/release/holdfast")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(".build/bench/quality"))
    parser.add_argument("--horizon", type=int, default=90, help="days")
    parser.add_argument("--origins", type=int, default=4)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    store = Store(options)
    tested = store.backtest()
    for origin, own in tested.groupby("origin"):
        print(f"{origin}: {own.customers.iloc[0]} customers, {own.buyers.iloc[0]} of whom bought within {options.horizon} days")
    found = measure(store, tested, options.horizon)
    means = found.groupby("model")[["auc", "log_loss", "mae", "rmse"]].mean().assign(origins=found.groupby("model").size())
    print(means.sort_values("auc").round(4).to_string(na_rep=""))


if __name__ == "__main__":
    main()
