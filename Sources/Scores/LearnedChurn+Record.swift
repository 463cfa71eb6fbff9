extension LearnedChurn {
  /// Whether all that belongs together is there, as it must be in what a file holds.
  var isSound: Bool {
    guard let fit else { return true }
    let known = Set(ChurnInput.all.map(\.name)), numbers = fit.coefficients + fit.means + [fit.intercept]
    return fit.coefficients.count == inputs.count && fit.means.count == inputs.count && fit.standardErrors.count == inputs.count + 1
      && inputs.allSatisfy(known.contains) && Set(inputs).count == inputs.count && numbers.allSatisfy(\.isFinite) && horizonDays > 0
  }

  /// As the table `models` holds it: coefficients, their standard errors, and the calibration where it is Platt's.
  package var record: ModelRecord {
    guard let fit else { return ModelRecord(ModelRecord.learnedName, nil, warnings: warnings) }
    var parameters = ["intercept": fit.intercept, "intercept_se": fit.standardErrors[inputs.count]]
    for (j, name) in inputs.enumerated() {
      (parameters[name], parameters[name + "_se"]) = (fit.coefficients[j], fit.standardErrors[j])
    }
    if case .platt(let slope, let intercept) = calibration {
      (parameters["platt_slope"], parameters["platt_intercept"]) = (slope, intercept)
    }
    var record = ModelRecord(ModelRecord.learnedName, parameters, warnings: warnings)
    (record.logLikelihood, record.iterations, record.customers) = (fit.logLikelihood, fit.iterations, Int64(fit.rows))
    return record
  }
}
