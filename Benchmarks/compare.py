"""compare.py HOLDFAST_DATABASE PEER_DATABASE...: counts the cells in which holdfast's results differ from each peer's.

Text, whole numbers and NULL must be the same, money the same to the cent, other reals to one part in a million.
Ends with 1 when any cell or row differs."""
import pathlib
import sqlite3
import sys

MAPPING = pathlib.Path(__file__).resolve().with_name("compare.sql")

EXACT, CENTS, REAL = "exact", "cents", "real"
CUSTOMERS = dict.fromkeys(
    ["first_purchase", "last_purchase", "t_days", "recency_days", "frequency", "purchases", "refunds", "categories", "last_channel", "r",
     "f", "m", "segment"], EXACT)
CUSTOMERS |= dict.fromkeys(["net_revenue", "margin", "spend_90d", "spend_prev_90d"], CENTS)
CUSTOMERS |= dict.fromkeys(["mean_order_value", "discount_share", "gap_mean", "gap_std"], REAL)
MONTHS = dict.fromkeys(["active", "new", "churned", "reactivated"], EXACT) | {"revenue": CENTS}


def differs(column, kind):
    """An SQL condition: 1 where the own value a and the peer's b differ."""
    a, b = f"a.{column}", f"b.{column}"
    if kind == EXACT:
        return f"{a} IS NOT {b}"
    one_is_null = f"({a} IS NULL) <> ({b} IS NULL)"
    if kind == CENTS:
        return f"({one_is_null} OR coalesce(round({a} * 100) <> round({b} * 100), 0))"
    return f"({one_is_null} OR coalesce(abs({a} - {b}) > 1e-6 * max(1, abs({b})), 0))"


def compare_table(connection, own, peer, key, columns, peers_rows_only):
    """Returns the number of rows of both, cells differing by column, and rows that only one has."""
    sums = ", ".join(f"coalesce(sum({differs(column, kind)}), 0)" for column, kind in columns.items())
    joined, *cells = connection.execute(f"SELECT count(*), {sums} FROM {peer} b JOIN {own} a ON a.{key} = b.{key}").fetchone()
    count = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in (own, peer)}
    lonely = count[peer] - joined + (0 if peers_rows_only else count[own] - joined)
    return joined, {column: cell for column, cell in zip(columns, cells) if cell}, lonely


def compare(own, peers):
    """Prints a line for each table of each peer; returns how many cells and rows differ in all."""
    faults = 0
    for name, path in peers.items():
        connection = sqlite3.connect(":memory:")
        connection.execute("ATTACH ? AS own", (f"{own}",))
        connection.execute("ATTACH ? AS peer", (f"{path}",))
        connection.executescript(MAPPING.read_text())
        tables = [
            ("customers", "own_customer_features", "peer.customer_features", "customer_id", CUSTOMERS, False),
            ("months", "own_churn_metrics", "peer.churn_metrics", "month", MONTHS, True),
        ]
        for label, own_table, peer_table, key, columns, peers_rows_only in tables:
            joined, cells, lonely = compare_table(connection, own_table, peer_table, key, columns, peers_rows_only)
            detail = "".join(f", {column}: {count}" for column, count in cells.items())
            differing = sum(cells.values())
            total = joined * len(columns)
            print(f"  {name:<8}{label:<10}{joined:>9} rows, {differing} of {total} cells differ{detail}, {lonely} rows in one only")
            faults += differing + lonely + (joined == 0)
        connection.close()
    return faults


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    if compare(sys.argv[1], {pathlib.Path(path).stem: path for path in sys.argv[2:]}) > 0:
        sys.exit(1)
