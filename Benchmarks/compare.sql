-- holdfast's results under the peers' names and in their units: money in major units, the share of discounts 0 where there is no list
-- price, customers with a purchase only. `own` is the attached results database.
CREATE TEMP VIEW own_customer_features AS
SELECT customer_id, first_purchase, last_purchase, tenure_days AS t_days, recency_days, frequency, purchases, refunds,
  net_minor / 100.0 AS net_revenue, mean_order_minor / 100.0 AS mean_order_value, coalesce(discount_share, 0.0) AS discount_share,
  margin_minor / 100.0 AS margin, categories, last_channel, spend_90d_minor / 100.0 AS spend_90d,
  spend_prev_90d_minor / 100.0 AS spend_prev_90d, gap_mean_days AS gap_mean, gap_std_days AS gap_std,
  rfm_recency AS r, rfm_frequency AS f, rfm_monetary AS m,
  CASE
    WHEN rfm_recency >= 4 AND rfm_frequency >= 4 AND rfm_monetary >= 4 THEN 'champions'
    WHEN rfm_recency >= 3 AND rfm_frequency >= 4 THEN 'loyal'
    WHEN rfm_recency >= 4 AND rfm_frequency <= 2 THEN 'new'
    WHEN rfm_recency <= 2 AND rfm_frequency >= 4 THEN 'at_risk'
    WHEN rfm_recency <= 2 AND rfm_monetary >= 4 THEN 'cant_lose'
    WHEN rfm_recency <= 2 THEN 'lost'
    ELSE 'regular'
  END AS segment
FROM own.customers WHERE purchases > 0;

-- holdfast also has the month of the as-of day, which the peers leave out: only their months are compared.
CREATE TEMP VIEW own_churn_metrics AS
SELECT month, active_customers AS active, new_customers AS new, lost_customers AS churned, regained_customers AS reactivated,
  net_minor / 100.0 AS revenue FROM own.churn_metrics;
