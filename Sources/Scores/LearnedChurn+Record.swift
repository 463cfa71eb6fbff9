extension LearnedChurn {
  /// Whether all that belongs together is there, as it must be in what a file holds.
  var isSound: Bool {
    if let trees {
      return !trees.bytes.isEmpty && trees.means.count == inputs.count && inputs == ChurnInput.all.map(\.name) && horizonDays > 0
    }
    guard let fit else { return true }
    let known = Set(ChurnInput.all.map(\.name)), numbers = fit.coefficients + fit.means + [fit.intercept]
    return fit.coefficients.count == inputs.count && fit.means.count == inputs.count && fit.standardErrors.count == inputs.count + 1
      && inputs.allSatisfy(known.contains) && Set(inputs).count == inputs.count && numbers.allSatisfy(\.isFinite) && horizonDays > 0
  }

  /// As the table `models` holds it: coefficients, their standard errors, and the calibration where it is Platt's.
  package var record: ModelRecord {
    var record = method == .trees ? treesRecord : logisticRecord
    record.trial = trial
    return record
  }

  private var treesRecord: ModelRecord {
    guard let options = trees?.options else { return ModelRecord(ModelRecord.treesName, nil, warnings: warnings) }
    let parameters = [
      "rounds": Double(options.rounds), "depth_max": Double(options.depthMax), "learning_rate": options.learningRate,
      "child_weight_min": options.childWeightMin, "lambda": options.lambda, "inputs": Double(inputs.count),
    ]
    var record = ModelRecord(ModelRecord.treesName, parameters, warnings: warnings)
    record.customers = Int64(customers)
    return record
  }

  private var logisticRecord: ModelRecord {
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
