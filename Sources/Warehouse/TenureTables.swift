import Columns
import Foundation
import GRDB
import Metrics
import Models

extension ResultTables {
  private static let grouping = text("grouping", "all, acquisition_quarter or acquisition_year, first_channel, first_category")
  private static let asOf = date("as_of", "Day that the row was computed for; a day's rows are replaced when it is computed again")

  static let tenureCurves = TableDefinition(
    name: "tenure_curves",
    fields: [
      asOf, grouping, text("group_value", "The group; (all others) beyond the 15 largest, (none) where it is not told"),
      integer("month", "30 days", "Months of 30 days since the first purchase"),
      integer("tenure_days", "days", "Its last day, or the last on which anybody was watched"),
      integer("at_risk_customers", "count", "Customers neither lost nor censored (at as_of) before that day"),
      integer("lost_customers", "count", "Lost for the first time since the month before"),
      real("survival_share", "share 0…1", "Kaplan–Meier: of all, not yet lost after that day", nullWhen: ""),
      real("survival_low_share", "share 0…1", "Lower 95 % limit, log-log", nullWhen: "nobody or everybody is lost"),
      real("survival_high_share", "share 0…1", "Upper 95 % limit, log-log", nullWhen: "nobody or everybody is lost"),
      real("cumulative_hazard", "hazard 0…", "Nelson–Aalen", nullWhen: ""),
    ], key: ["as_of", "grouping", "group_value", "month"])

  static let tenureGroups = TableDefinition(
    name: "tenure_groups",
    fields: [
      asOf, grouping, text("group_value", "The group, as in tenure_curves"),
      integer("customers", "count", "Customers with a purchase"),
      integer("lost_customers", "count", "Lost at least once by as_of: who came back stays lost here"),
      integer("median_days", "days", "Day after the first purchase by which half are lost", nullWhen: "fewer are lost so far"),
      real(
        "restricted_mean_days", "days", "Mean days, of the first 365, before the first loss", nullWhen: "nobody was watched for 365 days"),
      real(
        "log_rank_chi_square", "χ²", "Log-rank test of the whole grouping: the same in each of its rows",
        nullWhen: "there is one group, or nobody was lost"),
      integer("log_rank_freedom", "count", "Its degrees of freedom", nullWhen: "as log_rank_chi_square"),
      real("log_rank_p", "probability 0…1", "That groups of one hazard differ so much or more", nullWhen: "as log_rank_chi_square"),
    ], key: ["as_of", "grouping", "group_value"])

  static let churnDrivers = TableDefinition(
    name: "churn_drivers",
    fields: [
      asOf,
      text(
        "covariate",
        "acquisition_quarter (or _year), first_channel, first_category: against baseline; first_order_doublings: per doubling of what the first "
          + "day brought; first_discount_tenths: per 10 % of its list"),
      text("level", "The group that is compared; empty for numbers"),
      text("baseline", "With which: the group of most losses and those of fewer than 10; empty for numbers"),
      real("hazard_ratio", "ratio 0…", "Above 1: lost sooner, all else equal", nullWhen: ""),
      real("hazard_ratio_low", "ratio 0…", "Lower 95 % limit", nullWhen: ""),
      real("hazard_ratio_high", "ratio 0…", "Upper 95 % limit", nullWhen: ""),
      real("coefficient", "ln of the ratio", "Cox's model, ties by Efron", nullWhen: ""),
      real("standard_error", "ln of the ratio", "From the observed information", nullWhen: ""),
      real("p", "probability 0…1", "That a driver without effect shows so much or more", nullWhen: ""),
      real("proportionality_chi_square", "χ²", "Grambsch and Therneau's test, one degree of freedom", nullWhen: ""),
      real("proportionality_p", "probability 0…1", "Small: the effect changes with tenure, and the ratio is a mean over it", nullWhen: ""),
      integer("customers", "count", "Customers behind the fit: at most about 20,000, picked by a hash of the id"),
      integer("lost_customers", "count", "Of them, lost"),
      real(
        "concordance", "share 0…1", "Of pairs, those in which who was lost first has the greater hazard; of the whole fit", nullWhen: ""),
    ], key: ["as_of", "covariate", "level"])
}

/// The rows of the three tables.
struct TenureRows {
  let tenures: Tenures
  let day: String

  var curves: [[(any DatabaseValueConvertible)?]] {
    tenures.groupings.flatMap { grouping in
      grouping.groups.flatMap { group in
        group.months.map { month in
          [
            day, grouping.name, group.name, month.month, month.days, month.atRisk, month.lost, month.survival, month.low, month.high,
            month.cumulativeHazard,
          ]
        }
      }
    }
  }

  var groups: [[(any DatabaseValueConvertible)?]] {
    tenures.groupings.flatMap { grouping in
      grouping.groups.map { group in
        [
          day, grouping.name, group.name, group.customers, group.lost, group.medianDays, group.restrictedMeanDays,
          grouping.test?.chiSquare, grouping.test?.freedom, grouping.test?.p,
        ]
      }
    }
  }

  var drivers: [[(any DatabaseValueConvertible)?]] {
    guard let fit = tenures.drivers else { return [] }
    let z = normalQuantile(level: 0.95)
    return fit.drivers.map { driver in
      let (beta, error) = (driver.coefficient, driver.standardError)
      return [
        day, driver.covariate, driver.level, driver.baseline, exp(beta), exp(beta - z * error), exp(beta + z * error), beta, error,
        normalTails(beta / error), driver.proportionality.chiSquare, driver.proportionality.p, fit.customers, fit.lost, fit.concordance,
      ]
    }
  }
}
