"""models.py: BG/NBD and Gamma-Gamma, and Pareto/NBD, over generated populations, by holdfast's Models and by the Python package lifetimes, side by side.

Both get the same columns, fit both models, and give P(alive), expected purchases and the 12-month value of every customer. The answers are
compared: log-likelihoods, every customer's values at common parameters, and all BG/NBD columns of a sample with a slow twin by quadrature. Ends
with 1 where they differ; how fast they were decides nothing."""
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
    names = ["p_alive", "expected", "risk", "discounted", "infinite", "next", "value"]
    return json.loads(line), {name: np.fromfile(folder / f"own_{name}") for name in names}


class Stopwatch:
    """Seconds of the wall and of the processor that each named piece of a peer's work took."""

    def __init__(self, peer="lifetimes", wall=None, processor=None):
        self.peer, self.wall, self.processor = peer, wall or {}, processor or {}

    def __call__(self, name, work):
        wall, processor = time.perf_counter(), time.process_time()
        result = work()
        self.wall[name], self.processor[name] = time.perf_counter() - wall, time.process_time() - processor
        print(f"  lifetimes {name}: {self.wall[name]:.2f} s, {self.processor[name]:.2f} s of the processor", file=sys.stderr)
        return result


def print_times(report, watch, rows):
    """A line for each of `rows`: title, names of our pieces, and of the peer's."""
    print(f"  {'':<50}{'holdfast':>12}{'CPU':>11}{watch.peer:>15}{'CPU':>9}{'ratio':>8}{'by CPU':>9}")
    for title, own, others in rows:
        ms, cpu_ms = (sum(report[prefix + name] for name in own) for prefix in ("ms_", "cpu_ms_"))
        wall, processor = (sum(seconds[name] for name in others) for seconds in (watch.wall, watch.processor))
        print(f"  {title:<50}{ms:9.1f} ms{cpu_ms:8.1f} ms{wall:13.2f} s{processor:7.2f} s{wall * 1e3 / ms:7.0f} x"
              f"{processor * 1e3 / cpu_ms:7.0f} x")


class Verdicts:
    """Prints how far answers are apart, relative, and counts those that are further apart than they may be."""

    def __init__(self):
        self.faults = 0

    def check(self, name, difference, limit):
        self.faults += not difference <= limit
        print(f"  {name:<62}{difference:10.1e}   {'ok' if difference <= limit else f'MORE THAN {limit:.0e}'}")

    def optima(self, name, own, at_ours, at_theirs):
        """Log-likelihoods: as we give it at our optimum, and by the peer's function at both."""
        self.check(f"{name}: our log-likelihood and theirs at our optimum", abs(own / at_ours - 1), 1e-9)
        self.check(f"{name}: their optimum above ours", max(0.0, (at_theirs - at_ours) / abs(at_ours)), 1e-9)
        # How far the peer's search goes is its own affair.
        print(f"  {f'{name}: their optimum below ours':<62}{max(0.0, (at_ours - at_theirs) / abs(at_ours)):10.1e}")


def apart(mine, other):
    other = np.asarray(other, float)
    return float(np.max(np.abs(mine - other) / np.maximum(np.abs(other), 1e-12)))


def peer(columns):
    """lifetimes on one core, which is all that it uses."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    import pandas as pd
    x, tx, t, z = (pd.Series(columns[name].astype(float)) for name in ("x", "tx", "t", "z"))
    bg, money, watch = BetaGeoFitter(), GammaGammaFitter(), Stopwatch()
    watch("fit_bg_nbd", lambda: bg.fit(x, tx, t))
    some = (x > 0) & (z > 0)
    watch("fit_gamma_gamma", lambda: money.fit(x[some], z[some]))
    watch("p_alive", lambda: np.asarray(bg.conditional_probability_alive(x, tx, t)))
    watch("expected", lambda: np.asarray(bg.conditional_expected_number_of_purchases_up_to_time(90.0, x, tx, t)))
    watch("clv", lambda: np.asarray(
        money.customer_lifetime_value(bg, x, tx, t, z, time=12, discount_rate=DISCOUNT_PER_MONTH, freq="D")))
    return watch, bg, money


def pymc(options):
    """pymc-marketing's times and parameters, by a Python that has it, over the columns that lie there for holdfast."""
    script = pathlib.Path(__file__).parent / "peers" / "pymc_models.py"
    lines = subprocess.run([options.pymc, script, options.out], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    found = json.loads(lines[-1])
    return Stopwatch("pymc-marketing", found["wall"], found["processor"]), found["parameters"]


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
    fitter, watch = ParetoNBDFitter(), Stopwatch()
    watch("fit", lambda: fitter.fit(x, tx, t))
    theirs = np.asarray(fitter.params_, float)
    ours = np.array([report[name] for name in ("r", "alpha_days", "s", "beta_days")])
    ones = np.ones(len(x))
    # Unlike the other fitters' it takes the parameters as they are, and sums.
    at_theirs, at_ours = (-float(fitter._negative_log_likelihood(point, x, tx, t, ones, 0.0)) for point in (theirs, ours))
    fitter.params_ = pd.Series(ours, index=fitter.params_.index)
    alive = watch("p_alive", lambda: np.asarray(fitter.conditional_probability_alive(x, tx, t)))
    expected = watch("expected", lambda: np.asarray(fitter.conditional_expected_number_of_purchases_up_to_time(90.0, x, tx, t)))
    print(f"{options.pareto_customers} customers, Pareto/NBD")
    print_times(report, watch, [
        ("Pareto/NBD fit", ["compress", "fit_purchases"], ["fit"]),
        ("P(alive), purchases (ours: risk, discounted, too)", ["score"], ["p_alive", "expected"])])
    verdicts = Verdicts()
    verdicts.optima("Pareto/NBD", report["log_likelihood"], at_ours, at_theirs)
    verdicts.check("P(alive) of a customer", apart(own["p_alive"], alive), 1e-6)
    verdicts.check("expected purchases in 90 days", apart(own["expected"], expected), 1e-6)
    return verdicts.faults


def slow_twin(report, x, tx, t):
    """All BG/NBD columns by quadrature of the rate at which one who is alive goes on buying, (r+x)/(α+T) · ₂F₁(r+x+1, a; a+b+x; −t/(α+T)),
    by Pfaff's transformation, since SciPy's overflows at a hundred purchases."""
    from scipy.special import hyp2f1
    r, alpha, a, b = (report[name] for name in ("r", "alpha_days", "a", "b"))
    clock, shape, day = alpha + t, r + x, np.log(1.1) / 365
    odds = np.where(x > 0, a / (b + x - 1) * (clock / (alpha + tx)) ** shape, 0.0)
    alive = 1 / (1 + odds)
    ends = [*range(30, 365, 30), 365]
    edges = np.array([0.0, *ends, *(365 * 1.5 ** np.arange(1, 17))])
    nodes, weights = np.polynomial.legendre.leggauss(16)
    purchases, endless = [], 0.0
    for start, end in zip(edges, edges[1:]):
        times = (start + end) / 2 + (end - start) / 2 * nodes
        rates = [
            shape / clock * (clock / (clock + time)) ** a * hyp2f1(a, a + b - r - 1, a + b + x, time / (clock + time)) for time in times]
        purchases.append((end - start) / 2 * sum(weight * rate for weight, rate in zip(weights, rates)))
        endless = endless + (end - start) / 2 * sum(
            weight * rate * np.exp(-day * time) for weight, rate, time in zip(weights, rates, times))
    return {
        "p_alive": alive, "expected": alive * sum(purchases[:3]), "risk": 1 - alive + alive * (clock / (clock + 90)) ** shape,
        "discounted": alive * sum(piece / 1.1 ** (end / 365) for piece, end in zip(purchases, ends)), "infinite": alive * endless,
        "next": alive * purchases[0]}


def compare(report, own, bg, money, columns):
    """Beside lifetimes, and beside the slow twin; returns the number of faults."""
    verdicts = Verdicts()
    x, tx, t, z = (columns[name].astype(float) for name in ("x", "tx", "t", "z"))
    some = (x > 0) & (z > 0)

    def check_fit(name, fitter, own_names, own, arguments):
        """By their likelihood function, which is a mean, at both optima."""
        customers, ones = len(arguments[0]), np.ones(len(arguments[0]))
        at_theirs, at_ours = (
            -customers * float(fitter._negative_log_likelihood(np.log(point), *arguments, ones, 0.0))
            for point in (np.asarray(fitter.params_, float), np.array([report[name] for name in own_names])))
        verdicts.optima(name, own, at_ours, at_theirs)

    check_fit("BG/NBD", bg, ("r", "alpha_days", "a", "b"), report["log_likelihood"], (x, tx, t))
    check_fit("Gamma-Gamma", money, ("p", "q", "v"), report["value_log_likelihood"], (x[some], z[some]))
    # At our parameters, a sample of customers by their formulas.
    import pandas as pd
    for fitter, names in ((bg, ("r", "alpha_days", "a", "b")), (money, ("p", "q", "v"))):
        fitter.params_ = pd.Series([report[name] for name in names], index=fitter.params_.index)
    rows = np.arange(0, len(columns["x"]), max(1, len(columns["x"]) // 100_000))
    x, tx, t, z = (columns[name][rows].astype(float) for name in ("x", "tx", "t", "z"))
    verdicts.check("P(alive) of a customer", apart(own["p_alive"][rows], bg.conditional_probability_alive(x, tx, t)), 1e-8)
    expect = bg.conditional_expected_number_of_purchases_up_to_time
    verdicts.check("expected purchases in 90 days", apart(own["expected"][rows], expect(90.0, x, tx, t)), 1e-6)
    ends = [*range(30, 365, 30), 365]
    worth = sum(
        (np.asarray(expect(float(end), x, tx, t)) - (np.asarray(expect(float(start), x, tx, t)) if start else 0)) / 1.1 ** (end / 365)
        for start, end in zip([0, *ends], ends))
    verdicts.check("discounted purchases in 365 days", apart(own["discounted"][rows], worth), 1e-6)
    verdicts.check("expected value", apart(own["value"][rows], money.conditional_expected_average_profit(x, z)), 1e-9)
    return verdicts.faults + compare_with_twin(report, own, columns)


def compare_with_twin(report, own, columns):
    """Whether all BG/NBD columns are finite, and those of a sample are the slow twin's; returns the number of faults."""
    verdicts = Verdicts()
    count = len(columns["x"])
    rate, cpu_rate = count / report["ms_score"] / 1e3, count / report["cpu_ms_score"] / 1e3
    rows = np.arange(0, count, max(1, count // 1000))
    # The most frequent buyers, too.
    rows = np.union1d(rows, np.argsort(columns["x"], kind="stable")[-20:])
    twin = slow_twin(report, *(columns[name][rows].astype(float) for name in ("x", "tx", "t")))
    print(f"all {len(twin)} BG/NBD columns: {rate:.1f} million customers a second, {cpu_rate:.1f} million a second of the processor")
    missing = sum(int(np.sum(~np.isfinite(own[name]))) for name in twin)
    verdicts.check("cells of them that are not finite", float(missing), 0.0)
    for name, values in twin.items():
        verdicts.check(f"{name} of {len(rows)} customers and the slow twin's", apart(own[name][rows], values), 1e-9)
    return verdicts.faults


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
    parser.add_argument("--pymc", help="a Python with pymc-marketing, to be measured too")
    options = parser.parse_args()
    columns = population(options.customers, options.days, seed=43)
    report, own = swift(options.program, options.out, columns, options.threads, options.rounds)
    print(json.dumps(report, indent=1), file=sys.stderr)
    if options.own_only:
        sys.exit(1 if compare_with_twin(report, own, columns) + pareto(options) else 0)
    watch, bg, money = peer(columns)
    print(f"{options.customers} customers, {options.threads} threads, best of {options.rounds} rounds; lifetimes once, on one core")
    scores, peer_scores = ["score", "expected_values"], ["p_alive", "expected", "clv"]
    rows = [
        ("BG/NBD fit", ["compress", "fit_purchases"], ["fit_bg_nbd"]),
        ("Gamma-Gamma fit", ["fit_gamma_gamma"], ["fit_gamma_gamma"]),
        ("P(alive), expected purchases, 12 months' value", scores, peer_scores),
        ("all", ["all"], ["fit_bg_nbd", "fit_gamma_gamma", *peer_scores])]
    print_times(report, watch, rows)
    if options.pymc:
        other, parameters = pymc(options)
        print_times(report, other, rows)
        print(f"  at {', '.join(f'{name} {value:.6g}' for name, value in parameters.items())} by pymc-marketing")
    faults = compare(report, own, bg, money, columns)
    sys.exit(1 if faults + pareto(options) else 0)


if __name__ == "__main__":
    main()
