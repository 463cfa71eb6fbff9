"""models.py: BG/NBD and Gamma-Gamma, and Pareto/NBD, over generated populations, by holdfast's Models and by the Python package lifetimes, side by side.

Both get the same columns, fit both models, and give P(alive), expected purchases and the 12-month value of every customer. The answers are
compared: log-likelihoods, and every customer's values at common parameters. Ends with 1 where they differ."""
import argparse
import json
import pathlib
import subprocess
import sys
import time

import numpy as np

DISCOUNT_PER_MONTH = 1.10 ** (30 / 365) - 1
TRUTH = {"r": 0.55, "alpha_days": 40.0, "a": 0.8, "b": 2.5, "p": 6.25, "q": 3.74, "v": 15.44}
PARETO_TRUTH = {"r": 0.55, "alpha_days": 74.0, "s": 0.6, "beta_days": 82.0}


def population(customers, days, seed):
    """Repeat purchase days, last of them and age in days, and the mean value of a repeat purchase day, drawn from TRUTH."""
    random = np.random.default_rng(seed)
    rate = random.gamma(TRUTH["r"], 1 / TRUTH["alpha_days"], customers)
    leaving = random.beta(TRUTH["a"], TRUTH["b"], customers)
    age = random.integers(1, days + 1, customers).astype(np.int32)
    clock, last = np.zeros(customers), np.zeros(customers, np.int32)
    count = np.zeros(customers, np.int32)
    alive = np.arange(customers)
    while alive.size:
        with np.errstate(divide="ignore"):
            clock[alive] += random.exponential(size=alive.size) / rate[alive]
        alive = alive[clock[alive] < age[alive]]
        day = np.ceil(clock[alive]).astype(np.int32)
        count[alive] += day > last[alive]
        last[alive] = day
        alive = alive[random.random(alive.size) >= leaving[alive]]
    scale = random.gamma(TRUTH["q"], 1 / TRUTH["v"], customers)
    shape = np.maximum(TRUTH["p"] * count, 1e-9)
    value = np.where(count > 0, random.gamma(shape) / (np.maximum(count, 1) * scale), 0.0)
    return {"x": count, "tx": last, "t": age, "z": np.round(value, 2)}


def pareto_population(customers, days, seed):
    """The same from PARETO_TRUTH."""
    random = np.random.default_rng(seed)
    rate = random.gamma(PARETO_TRUTH["r"], 1 / PARETO_TRUTH["alpha_days"], customers)
    leaving = random.gamma(PARETO_TRUTH["s"], 1 / PARETO_TRUTH["beta_days"], customers)
    age = random.integers(1, days + 1, customers).astype(np.int32)
    with np.errstate(divide="ignore"):
        end = np.minimum(age, random.exponential(size=customers) / leaving)
    clock, last = np.zeros(customers), np.zeros(customers, np.int32)
    count = np.zeros(customers, np.int32)
    alive = np.arange(customers)
    while alive.size:
        with np.errstate(divide="ignore"):
            clock[alive] += random.exponential(size=alive.size) / rate[alive]
        alive = alive[clock[alive] < end[alive]]
        day = np.ceil(clock[alive]).astype(np.int32)
        count[alive] += day > last[alive]
        last[alive] = day
    value = np.where(count > 0, np.round(random.gamma(6.0, 5.0, customers), 2), 0.0)
    return {"x": count, "tx": last, "t": age, "z": value}


def swift(program, folder, columns, threads, rounds, model="bg_nbd"):
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in columns.items():
        values.tofile(folder / name)
    line = subprocess.run([program, folder, str(threads), str(rounds), model], check=True, capture_output=True, text=True).stdout
    names = ["p_alive", "expected", "risk", "discounted", "infinite", "value"]
    return json.loads(line), {name: np.fromfile(folder / f"own_{name}") for name in names}


def peer(columns):
    """lifetimes on one core, which is all that it uses. Times in seconds; the fitters, and its columns."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    seconds, results = {}, {}

    def timed(name, work):
        start = time.perf_counter()
        results[name] = work()
        seconds[name] = time.perf_counter() - start
        print(f"  lifetimes {name}: {seconds[name]:.2f} s", file=sys.stderr)
        return results[name]

    import pandas as pd
    x, tx, t, z = (pd.Series(columns[name].astype(float)) for name in ("x", "tx", "t", "z"))
    bg, money = BetaGeoFitter(), GammaGammaFitter()
    timed("fit_bg_nbd", lambda: bg.fit(x, tx, t))
    some = (x > 0) & (z > 0)
    timed("fit_gamma_gamma", lambda: money.fit(x[some], z[some]))
    timed("p_alive", lambda: np.asarray(bg.conditional_probability_alive(x, tx, t)))
    timed("expected", lambda: np.asarray(bg.conditional_expected_number_of_purchases_up_to_time(90.0, x, tx, t)))
    timed("clv", lambda: np.asarray(
        money.customer_lifetime_value(bg, x, tx, t, z, time=12, discount_rate=DISCOUNT_PER_MONTH, freq="D")))
    return seconds, results, bg, money


def pareto(options):
    """Pareto/NBD's fit and scores beside lifetimes'; returns the number of faults."""
    columns = pareto_population(options.pareto_customers, options.days, seed=44)
    report, own = swift(options.program, options.out / "pareto", columns, options.threads, options.rounds, "pareto_nbd")
    print(json.dumps(report, indent=1), file=sys.stderr)
    if options.own_only:
        return 0
    import pandas as pd
    from lifetimes import ParetoNBDFitter
    x, tx, t = (pd.Series(columns[name].astype(float)) for name in ("x", "tx", "t"))
    fitter, start = ParetoNBDFitter(), time.perf_counter()
    fitter.fit(x, tx, t)
    fit_s = time.perf_counter() - start
    theirs = np.asarray(fitter.params_, float)
    ours = np.array([report[name] for name in ("r", "alpha_days", "s", "beta_days")])
    ones = np.ones(len(x))
    # Unlike the other fitters' it takes the parameters as they are, and sums.
    likelihood = [-float(fitter._negative_log_likelihood(point, x, tx, t, ones, 0.0)) for point in (theirs, ours)]
    fitter.params_ = pd.Series(ours, index=fitter.params_.index)
    start = time.perf_counter()
    alive = np.asarray(fitter.conditional_probability_alive(x, tx, t))
    expected = np.asarray(fitter.conditional_expected_number_of_purchases_up_to_time(90.0, x, tx, t))
    score_s = time.perf_counter() - start
    print(f"{options.pareto_customers} customers, Pareto/NBD")
    for name, own_ms, peer_s in [
            ("Pareto/NBD fit", report["ms_compress"] + report["ms_fit_purchases"], fit_s),
            ("its P(alive), purchases, risk and discounted ones", report["ms_score"], score_s)]:
        print(f"  {name:<50}{own_ms:9.1f} ms{peer_s:10.2f} s{peer_s * 1000 / own_ms:8.0f} x")
    faults = 0
    for name, difference, limit in [
            ("our log-likelihood and theirs at our optimum", abs(report["log_likelihood"] / likelihood[1] - 1), 1e-9),
            ("their optimum above ours", max(0.0, (likelihood[0] - likelihood[1]) / abs(likelihood[1])), 1e-9),
            ("our optimum above theirs", max(0.0, (likelihood[1] - likelihood[0]) / abs(likelihood[1])), 1e-5),
            ("P(alive) of a customer", float(np.max(np.abs(own["p_alive"] / alive - 1))), 1e-6),
            ("expected purchases in 90 days", float(np.max(np.abs(own["expected"] / expected - 1))), 1e-6)]:
        faults += not difference <= limit
        print(f"  {name:<62}{difference:10.1e}   {'ok' if difference <= limit else f'MORE THAN {limit:.0e}'}")
    return faults


def compare(report, own, bg, money, columns):
    """Prints how far the two are apart, relative; returns the number of faults."""
    faults = 0

    def check(name, difference, limit):
        nonlocal faults
        faults += not difference <= limit
        print(f"  {name:<62}{difference:10.1e}   {'ok' if difference <= limit else f'MORE THAN {limit:.0e}'}")

    x, tx, t, z = (columns[name].astype(float) for name in ("x", "tx", "t", "z"))
    some = (x > 0) & (z > 0)

    def check_fit(name, fitter, own_names, own, arguments):
        """By their likelihood function, which is a mean, at both optima."""
        customers, ones = len(arguments[0]), np.ones(len(arguments[0]))
        at_theirs, at_ours = (
            -customers * float(fitter._negative_log_likelihood(np.log(point), *arguments, ones, 0.0))
            for point in (np.asarray(fitter.params_, float), np.array([report[name] for name in own_names])))
        check(f"{name}: our log-likelihood and theirs at our optimum", abs(own - at_ours) / abs(at_ours), 1e-9)
        check(f"{name}: their optimum above ours", max(0.0, (at_theirs - at_ours) / abs(at_ours)), 1e-9)
        check(f"{name}: our optimum above theirs", max(0.0, (at_ours - at_theirs) / abs(at_ours)), 1e-5)

    check_fit("BG/NBD", bg, ("r", "alpha_days", "a", "b"), report["log_likelihood"], (x, tx, t))
    check_fit("Gamma-Gamma", money, ("p", "q", "v"), report["value_log_likelihood"], (x[some], z[some]))
    # At our parameters, a sample of customers by their formulas.
    import pandas as pd
    for fitter, names in ((bg, ("r", "alpha_days", "a", "b")), (money, ("p", "q", "v"))):
        fitter.params_ = pd.Series([report[name] for name in names], index=fitter.params_.index)
    rows = np.arange(0, len(columns["x"]), max(1, len(columns["x"]) // 100_000))
    x, tx, t, z = (columns[name][rows].astype(float) for name in ("x", "tx", "t", "z"))

    def apart(mine, other):
        other = np.asarray(other, float)
        return float(np.max(np.abs(mine[rows] - other) / np.maximum(np.abs(other), 1e-12)))

    check("P(alive) of a customer", apart(own["p_alive"], bg.conditional_probability_alive(x, tx, t)), 1e-8)
    expect = bg.conditional_expected_number_of_purchases_up_to_time
    check("expected purchases in 90 days", apart(own["expected"], expect(90.0, x, tx, t)), 1e-6)
    ends = [*range(30, 365, 30), 365]
    worth = sum(
        (np.asarray(expect(float(end), x, tx, t)) - (np.asarray(expect(float(start), x, tx, t)) if start else 0)) / 1.1 ** (end / 365)
        for start, end in zip([0, *ends], ends))
    check("discounted purchases in 365 days", apart(own["discounted"], worth), 1e-6)
    check("expected value", apart(own["value"], money.conditional_expected_average_profit(x, z)), 1e-9)
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the built modelbench")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--pareto-customers", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--own-only", action="store_true", help="leave lifetimes out")
    options = parser.parse_args()
    columns = population(options.customers, options.days, seed=43)
    report, own = swift(options.program, options.out, columns, options.threads, options.rounds)
    print(json.dumps(report, indent=1), file=sys.stderr)
    if options.own_only:
        pareto(options)
        return
    seconds, _, bg, money = peer(columns)
    rows = [
        ("BG/NBD fit", report["ms_compress"] + report["ms_fit_purchases"], seconds["fit_bg_nbd"]),
        ("Gamma-Gamma fit", report["ms_fit_gamma_gamma"], seconds["fit_gamma_gamma"]),
        ("P(alive), expected purchases, 12 months' value", report["ms_score"] + report["ms_expected_values"],
         seconds["p_alive"] + seconds["expected"] + seconds["clv"]),
        ("all", report["ms_all"], sum(seconds.values())),
    ]
    print(f"{options.customers} customers, {options.threads} threads, best of {options.rounds} rounds; lifetimes once, on one core")
    print(f"  {'':<50}{'holdfast':>12}{'lifetimes':>12}{'ratio':>9}")
    for name, own_ms, peer_s in rows:
        print(f"  {name:<50}{own_ms:9.1f} ms{peer_s:10.2f} s{peer_s * 1000 / own_ms:8.0f} x")
    faults = compare(report, own, bg, money, columns)
    sys.exit(1 if faults + pareto(options) else 0)


if __name__ == "__main__":
    main()
