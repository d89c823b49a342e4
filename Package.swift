// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// One set of language rules for every target that we write.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "meshctl",
    products: [
        .executable(name: "meshctl", targets: ["meshctl"]),
        // For the fuzz targets, which are a package of their own in Fuzz/.
        .library(name: "ManifestKit", targets: ["ManifestKit"]),
        .library(name: "Injector", targets: ["Injector"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibYAML", providers: [.apt(["libyaml-dev"])]),
        .target(name: "MeshModel", swiftSettings: strict),
        .target(
            name: "ManifestKit",
            dependencies: ["CLibYAML"],
            swiftSettings: strict,
            // The static library, so that the executable runs where libyaml is not installed.
            linkerSettings: [.linkedLibrary(":libyaml.a")]
        ),
        .target(
            name: "Injector",
            dependencies: ["ManifestKit", "MeshModel"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "meshctl",
            dependencies: [
                "Injector", "ManifestKit", "MeshModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "MeshModelTests", dependencies: ["MeshModel"], swiftSettings: strict),
        .testTarget(name: "ManifestKitTests", dependencies: ["ManifestKit"], swiftSettings: strict),
        .testTarget(
            name: "InjectorTests",
            dependencies: ["Injector", "ManifestKit", "MeshModel"],
            swiftSettings: strict
        ),
        .testTarget(name: "MeshctlTests", dependencies: ["meshctl"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
