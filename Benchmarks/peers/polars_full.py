"""polars_full.py DUMPS_GLOB DATABASE: the whole job in Polars' streaming engine, handed to SQLite as Arrow."""
import datetime
import glob
import sys

import polars
from polars import col
from results import AS_OF, CHURN_DAYS, lap, write

dumps, database = sys.argv[1:]
as_of = datetime.date.fromisoformat(AS_OF)
money = dict.fromkeys(["amount", "discount", "cost"], polars.Float64)
schema = dict.fromkeys("transaction_id customer_id occurred_at amount discount cost category channel kind".split(), polars.String) | money


def days_before(days):
    return as_of - datetime.timedelta(days)


tx = (
    polars.scan_csv(sorted(glob.glob(dumps)), schema=schema, ignore_errors=True, quote_char=None, truncate_ragged_lines=True)
    .with_columns(at=col.occurred_at.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", strict=False))
    .filter(col.at.is_not_null() & col.amount.is_not_null() & col.kind.is_in(["purchase", "refund"]))
    .unique("transaction_id", keep="any")
    .select(
        "customer_id", "at", "amount", "discount", "cost", "category", "channel", refund=col.kind == "refund", day=col.at.dt.date())
    .collect(engine="streaming")
)
lap("read")

bought = ~col.refund
sign = polars.when(col.refund).then(-1.0).otherwise(1.0)
is_recent = col.day >= days_before(89)
sums = (
    tx.lazy()
    .group_by("customer_id")
    .agg(
        purchases=bought.sum().cast(polars.Int64),
        refunds=col.refund.sum().cast(polars.Int64),
        net_revenue=(col.amount * sign).sum().round(2),
        gross=col.amount.filter(bought).sum(),
        discounts=col.discount.filter(bought).sum(),
        margin=((col.amount - col.cost) * sign).sum().round(2),
        categories=col.category.filter(bought).n_unique().cast(polars.Int64),
        last_channel=col.channel.filter(bought).get(col.at.filter(bought).arg_max()),
        spend_90d=col.amount.filter(bought & is_recent).sum().round(2),
        spend_prev_90d=col.amount.filter(bought & (col.day >= days_before(179)) & ~is_recent).sum().round(2),
    )
    .filter(col.purchases > 0)
    .collect(engine="streaming")
)
lap("sums")

same_as_previous = col.customer_id == col.customer_id.shift(1)
same_as_next = col.customer_id == col.customer_id.shift(-1)
days = (
    tx.lazy().filter(bought).select("customer_id", "day").unique().sort("customer_id", "day")
    .with_columns(
        previous_day=polars.when(same_as_previous).then(col.day.shift(1)), next_day=polars.when(same_as_next).then(col.day.shift(-1)))
    .with_columns(gap=(col.day - col.previous_day).dt.total_days())
    .collect(engine="streaming")
)
lap("days")

spans = days.lazy().group_by("customer_id").agg(
    first_day=col.day.min(), last_day=col.day.max(), frequency=polars.len().cast(polars.Int64) - 1, gap_std=col.gap.std())
everyone = sums.height


def fifth(column):
    return (col(column).rank("min").cast(polars.Int64) - 1) * 5 // everyone + 1


r, f, m = col.r, col.f, col.m
total_days = (col.last_day - col.first_day).dt.total_days()
customers = (
    sums.lazy().join(spans, on="customer_id").sort("customer_id")
    .with_columns(r=fifth("last_day"), f=fifth("frequency"), m=fifth("net_revenue"))
    .select(
        "customer_id", col.first_day.dt.to_string("%Y-%m-%d").alias("first_purchase"),
        col.last_day.dt.to_string("%Y-%m-%d").alias("last_purchase"),
        (polars.lit(as_of) - col.first_day).dt.total_days().alias("t_days"), total_days.alias("recency_days"), "frequency", "purchases",
        "refunds", "net_revenue", (col.gross / col.purchases).alias("mean_order_value"),
        polars.when(col.gross + col.discounts > 0).then(col.discounts / (col.gross + col.discounts)).otherwise(0.0).alias("discount_share"),
        "margin", "categories", "last_channel", "spend_90d", "spend_prev_90d",
        polars.when(col.frequency > 0).then(total_days / col.frequency).alias("gap_mean"), "gap_std", "r", "f", "m",
        polars.when((r >= 4) & (f >= 4) & (m >= 4)).then(polars.lit("champions")).when((r >= 3) & (f >= 4)).then(polars.lit("loyal"))
        .when((r >= 4) & (f <= 2)).then(polars.lit("new")).when((r <= 2) & (f >= 4)).then(polars.lit("at_risk"))
        .when((r <= 2) & (m >= 4)).then(polars.lit("cant_lose")).when(r <= 2).then(polars.lit("lost"))
        .otherwise(polars.lit("regular")).alias("segment"))
    .collect(engine="streaming")
)
lap("customers")

horizon = datetime.timedelta(CHURN_DAYS)
month = {"month": col.day.dt.truncate("1mo")}
seen = days.lazy().group_by(**month).agg(
    active=col.customer_id.n_unique(), new=col.previous_day.is_null().sum(), reactivated=(col.gap > CHURN_DAYS).sum())
gone = (
    days.lazy()
    .filter((col.next_day.is_null() | ((col.next_day - col.day) > horizon)) & ((col.day + horizon) < as_of))
    .group_by(month=(col.day + horizon).dt.truncate("1mo")).agg(churned=polars.len())
)
revenue = tx.lazy().group_by(**month).agg(revenue=(col.amount * sign).sum().round(2))
months = (
    seen.join(gone, on="month", how="left").join(revenue, on="month", how="left").sort("month")
    .select(col.month.dt.to_string("%Y-%m"), "active", "new", col.churned.fill_null(0), "reactivated", "revenue")
    .collect().rows()
)
lap("months")
write(database, customers.to_arrow(), months)
