// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

// A package of its own, so that a build of the command knows nothing of libFuzzer. `Scripts/fuzz`
// builds it, with -sanitize=fuzzer,address.
let package = Package(
    name: "Fuzz",
    dependencies: [.package(name: "meshctl", path: "..")],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        .executableTarget(
            name: "FuzzManifest",
            dependencies: ["CLibFuzzer", .product(name: "ManifestKit", package: "meshctl")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "FuzzHTTP1",
            dependencies: ["CLibFuzzer", .product(name: "ProxyCore", package: "meshctl")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "FuzzInject",
            dependencies: [
                "CLibFuzzer", .product(name: "Injector", package: "meshctl"),
                .product(name: "ManifestKit", package: "meshctl"),
            ],
            swiftSettings: strict
        ),
    ]
)
