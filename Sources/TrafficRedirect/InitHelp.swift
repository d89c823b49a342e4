// SPDX-License-Identifier: Apache-2.0

/// What `meshctl-init --help` prints.
enum InitHelp {
    /// The page, made from the table of flags.
    static var text: String {
        """
        Redirects a pod's TCP traffic through its proxy, by one nftables table.

        Usage: meshctl-init [flags]

        It works on the network namespace that it runs in, and takes NET_ADMIN. Running it again
        replaces the table; a connection that is already open keeps its way.

        Flags:
        \(flags)

        PORTS is a list such as 25,8000-8010; CIDRS one such as 10.0.0.0/8,fd00::/8. Lists grow when
        their flag is repeated, and of other flags the last counts.

        Examples:
          meshctl-init                                  the ports and the user of the mesh
          meshctl-init --dry-run                        print the script, change nothing
          meshctl-init --proxy-uid 2102 --inbound-ports-to-ignore 4190,4191,9100
          meshctl-init --outbound-ports-to-ignore 3306,5432 --ipv6=false
          meshctl-init --undo                           connections are direct again
          nft list table inet meshctl                   look at the rules and what they counted

        Exit codes: 0 done, 1 failed, 64 wrong arguments.

        """
    }

    private static var flags: String {
        let spellings = InitFlag.table.map(spelling)
        let width = spellings.map(\.count).max() ?? 0
        let lines = zip(spellings, InitFlag.table).map { spelling, flag in
            let gap = String(repeating: " ", count: width + 2 - spelling.count)
            return "  " + spelling + gap + flag.summary
        }
        return lines.joined(separator: "\n")
    }

    private static func spelling(of flag: InitFlag) -> String {
        let letter = flag.short.map { "-\($0), " } ?? "    "
        let value = flag.value.map { " " + $0 } ?? ""
        return "\(letter)--\(flag.name)\(value)"
    }
}
