// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: language mode 6, and an unmarked unsafe expression does not build.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
]

let package = Package(
  name: "holdfast",
  platforms: [.macOS(.v26)],
  products: [.executable(name: "holdfast", targets: ["holdfast"])],
  traits: [
    .default(enabledTraits: ["ISAL"]),
    .trait(name: "ISAL", description: "Inflate gzip with ISA-L (libisal-dev), 3 times zlib's speed; without it zlib does the work."),
    .trait(name: "XGBoost", description: "Boosted trees for the learned churn risk (libxgboost-dev); off by default."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CXGBoost", providers: [.apt(["libxgboost-dev"])]),
    .target(name: "CShims"),
    .target(
      name: "Buffers",
      dependencies: [
        .target(name: "CISAL", condition: .when(traits: ["ISAL"])), "CZlib", "CShims",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
    .target(name: "Columns", dependencies: ["Buffers"], swiftSettings: strict),
    .target(name: "Dumps", dependencies: ["Buffers", "Columns"], swiftSettings: strict),
    .target(
      name: "Databases", dependencies: ["Buffers", "Columns", "CShims", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .target(
      name: "Events", dependencies: ["Buffers", "Columns", "Dumps", "Databases", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .target(name: "Features", dependencies: ["Buffers", "Columns", "Events"], swiftSettings: strict),
    .target(name: "Models", dependencies: ["Buffers"], swiftSettings: strict),
    .target(
      name: "Boosters", dependencies: [.target(name: "CXGBoost", condition: .when(traits: ["XGBoost"]))], swiftSettings: strict),
    .target(name: "Metrics", dependencies: ["Buffers", "Columns", "Features", "Models"], swiftSettings: strict),
    .target(name: "Scores", dependencies: ["Boosters", "Buffers", "Columns", "Features", "Models"], swiftSettings: strict),
    .target(name: "Backtests", dependencies: ["Buffers", "Columns", "Features", "Models", "Scores"], swiftSettings: strict),
    .target(
      name: "Warehouse",
      dependencies: [
        "Backtests", "Buffers", "Columns", "CShims", "Databases", "Events", "Metrics", "Models", "Scores",
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(name: "Populations", dependencies: ["Buffers", "Columns"], swiftSettings: strict),
    .target(
      name: "Workflow",
      dependencies: [
        "Buffers", "Columns", "Dumps", "Events", "Features", "Models", "Scores", "Metrics", "Warehouse", "Populations",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "holdfast",
      dependencies: ["Buffers", "Columns", "Populations", "Workflow", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: strict),
    // Slow and obvious programs that compute from the dumps what the stages must give, for the tests to compare with.
    .target(name: "Twins", dependencies: ["Columns", "Dumps", "Events"], path: "Tests/Twins", swiftSettings: strict),
    .testTarget(
      name: "BacktestsTests",
      dependencies: ["Backtests", "Columns", "Dumps", "Events", "Features", "Models", "Scores", "TestSupport", "Twins"],
      swiftSettings: strict),
    .testTarget(
      name: "FeaturesTests", dependencies: ["Buffers", "Columns", "Dumps", "Events", "Features", "Twins"], swiftSettings: strict),
    .testTarget(
      name: "ScoresTests",
      dependencies: ["Boosters", "Buffers", "Columns", "Dumps", "Events", "Features", "Metrics", "Models", "Scores", "Twins"],
      swiftSettings: strict),
    .testTarget(
      name: "MetricsTests", dependencies: ["Columns", "Dumps", "Events", "Features", "Metrics", "Models", "Twins"], swiftSettings: strict),
    .target(name: "TestSupport", dependencies: ["Buffers"], path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "BuffersTests", dependencies: ["Buffers", "TestSupport", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .testTarget(name: "ModelsTests", dependencies: ["Buffers", "Models", "TestSupport"], swiftSettings: strict),
    .executableTarget(name: "modelbench", dependencies: ["Buffers", "Models"], path: "Benchmarks/modelbench", swiftSettings: strict),
    .testTarget(name: "ColumnsTests", dependencies: ["Buffers", "Columns", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "DumpsTests", dependencies: ["Buffers", "Columns", "Dumps", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "EventsTests", dependencies: ["Buffers", "Columns", "Dumps", "Events", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "PopulationsTests", dependencies: ["Buffers", "Columns", "Models", "Populations"], swiftSettings: strict),
    .testTarget(
      name: "DatabasesTests", dependencies: ["Columns", "Databases", .product(name: "GRDB", package: "GRDB.swift")], swiftSettings: strict),
    .testTarget(
      name: "WarehouseTests",
      dependencies: [
        "Warehouse", "Backtests", "Columns", "Databases", "Dumps", "Events", "Metrics", "Scores", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "WorkflowTests",
      dependencies: ["Buffers", "Columns", "Dumps", "Events", "Features", "Metrics", "Scores", "Warehouse", "Workflow"],
      swiftSettings: strict),
    .testTarget(name: "CommandTests", dependencies: ["holdfast", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "HouseTests", swiftSettings: strict),
  ]
)

// The fuzzers need libFuzzer, which not every toolchain brings: they are part of the package only where `make fuzz` asks for them.
if Context.environment["HOLDFAST_FUZZERS"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzzers", dependencies: ["Buffers", "Columns", "CZlib", "Dumps", "Events", "Workflow"], path: "Tests/Fuzzers",
      exclude: ["run.sh"], swiftSettings: [.swiftLanguageMode(.v6)]))
}
