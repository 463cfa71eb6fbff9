"""pymc_models.py FOLDER: BG/NBD and Gamma-Gamma by maximum a posteriori with pymc-marketing under flat priors, over the columns x, tx, t and z of
the folder; prints a line of JSON: seconds of each piece and the parameters. Needs a Python with pymc-marketing, and a C compiler."""
import json
import logging
import sys
import time
import warnings

import numpy as np
import pandas as pd
from pymc_extras.prior import Prior
from pymc_marketing import clv

DISCOUNT_PER_MONTH = 1.10 ** (30 / 365) - 1


def main():
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    x, tx, t = (np.fromfile(f"{sys.argv[1]}/{name}", np.int32).astype(float) for name in ("x", "tx", "t"))
    data = pd.DataFrame({
        "customer_id": np.arange(len(x)), "frequency": x, "recency": tx, "T": t, "monetary_value": np.fromfile(f"{sys.argv[1]}/z", float)})
    some = data[(data.frequency > 0) & (data.monetary_value > 0)]
    times, cpu = {}, {}

    def timed(name, work):
        wall, processor = time.perf_counter(), time.process_time()
        result = work()
        times[name], cpu[name] = time.perf_counter() - wall, time.process_time() - processor
        return result

    flat = {name: Prior("HalfFlat") for name in ("alpha", "r", "a", "b")}
    purchases, money = clv.BetaGeoModel(model_config=flat), clv.GammaGammaModel()
    timed("fit_bg_nbd", lambda: purchases.fit(data=data, method="map", progressbar=False))
    timed("fit_gamma_gamma", lambda: money.fit(data=some, method="map", progressbar=False))
    timed("p_alive", lambda: purchases.expected_probability_alive(data).values)
    timed("expected", lambda: purchases.expected_purchases(data, future_t=90).values)
    timed("clv", lambda: money.expected_customer_lifetime_value(
        transaction_model=purchases, data=data, future_t=12, discount_rate=DISCOUNT_PER_MONTH, time_unit="D").values)
    found = {name: float(purchases.fit_result[name].values.ravel()[0]) for name in ("r", "alpha", "a", "b")}
    print(json.dumps({"wall": times, "processor": cpu, "parameters": found}))


if __name__ == "__main__":
    main()
