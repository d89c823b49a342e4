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
        .executable(name: "meshctl-proxy", targets: ["meshctl-proxy"]),
        .executable(name: "meshctl-init", targets: ["meshctl-init"]),
        // For the fuzz targets, which are a package of their own in Fuzz/.
        .library(name: "ManifestKit", targets: ["ManifestKit"]),
        .library(name: "Injector", targets: ["Injector"]),
        .library(name: "ProxyCore", targets: ["ProxyCore"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    ],
    targets: [
        .systemLibrary(name: "CCAres", providers: [.apt(["libc-ares-dev"])]),
        .systemLibrary(name: "CLibYAML", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CNFTables", providers: [.apt(["libnftables-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CURing", providers: [.apt(["liburing-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
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
        .target(
            name: "MeshConfig",
            dependencies: ["ManifestKit", "MeshModel"],
            swiftSettings: strict
        ),
        .target(name: "ProxyCore", dependencies: ["MeshModel"], swiftSettings: strict),
        .target(
            name: "ProxyRuntime",
            dependencies: [
                "CCAres", "CLinux", "COpenSSL", "CURing", "CZlib", "ManifestKit", "MeshConfig",
                "MeshModel", "ProxyCore",
            ],
            swiftSettings: strict,
            linkerSettings: [
                .linkedLibrary(":libssl.a"), .linkedLibrary(":libcrypto.a"),
                .linkedLibrary(":libcares.a"), .linkedLibrary(":libz.a"),
                .linkedLibrary(":liburing.a"),
            ]
        ),
        .target(
            name: "TrafficRedirect",
            dependencies: ["CLinux", "CNFTables", "MeshModel"],
            swiftSettings: strict,
            // There is no static libnftables in Debian.
            linkerSettings: [.linkedLibrary("nftables")]
        ),
        .executableTarget(
            name: "meshctl-proxy",
            dependencies: ["ProxyRuntime"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "meshctl-init",
            dependencies: ["TrafficRedirect"],
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
        .target(
            name: "ChildProcess",
            dependencies: ["CLinux"],
            path: "Tests/Support/ChildProcess",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "HeadBench",
            dependencies: ["ProxyCore"],
            path: "Tests/Support/HeadBench",
            swiftSettings: strict,
            // ProxyCore rounds; the executables have libm from libraries that they link.
            linkerSettings: [.linkedLibrary("m")]
        ),
        .testTarget(name: "MeshModelTests", dependencies: ["MeshModel"], swiftSettings: strict),
        .testTarget(name: "ManifestKitTests", dependencies: ["ManifestKit"], swiftSettings: strict),
        .testTarget(
            name: "InjectorTests",
            dependencies: ["Injector", "ManifestKit", "MeshModel"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MeshConfigTests",
            dependencies: ["ManifestKit", "MeshConfig", "MeshModel"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ProxyCoreTests",
            dependencies: ["MeshModel", "ProxyCore"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ProxyRuntimeTests",
            dependencies: [
                "ChildProcess", "MeshModel", "ProxyCore", "ProxyRuntime", "meshctl-proxy",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TrafficRedirectTests",
            dependencies: [
                "ChildProcess", "MeshModel", "TrafficRedirect", "meshctl-init", "meshctl-proxy",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MeshctlTests",
            dependencies: ["ChildProcess", "meshctl"],
            swiftSettings: strict
        ),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
