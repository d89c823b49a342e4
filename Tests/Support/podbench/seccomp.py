# SPDX-License-Identifier: Apache-2.0
"""An approximation of `seccompProfile: RuntimeDefault`.

containerd's default is a list of some 350 calls that are allowed. This is its complement as far as
a container without CAP_SYS_ADMIN is concerned: what containerd refuses is refused here, with the
same error number, and what neither knows is allowed.
"""

from __future__ import annotations

from typing import Any

EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
# Any of the flags that make namespaces: CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID and NET.
NAMESPACE_FLAGS = (
    0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)
AF_INET6, AF_VSOCK = 10, 40

REFUSED = """
    acct add_key bpf clock_adjtime clock_settime create_module delete_module fanotify_init
    finit_module fsconfig fsmount fsopen fspick get_kernel_syms init_module io_uring_enter
    io_uring_register io_uring_setup ioperm iopl kexec_file_load kexec_load keyctl lookup_dcookie
    mbind migrate_pages mount mount_setattr move_mount move_pages nfsservctl open_by_handle_at
    open_tree perf_event_open pivot_root process_madvise query_module quotactl quotactl_fd reboot
    request_key set_mempolicy setdomainname sethostname setns settimeofday stime swapoff swapon
    sysfs _sysctl syslog umount umount2 unshare uselib userfaultfd ustat vhangup vm86 vm86old
""".split()


def runtime_default(has_ipv6: bool = True) -> dict[str, Any]:
    """The `linux.seccomp` of a container; without IPv6, as a kernel answers that has none."""

    def refuse(names: list[str], errno: int, *args: dict[str, Any]) -> dict[str, Any]:
        rule = {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": errno}
        return rule | ({"args": list(args)} if args else {})

    rules = [refuse(REFUSED, EPERM), refuse(["clone3"], ENOSYS)]
    for flag in NAMESPACE_FLAGS:
        masked = {"index": 0, "value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}
        rules.append(refuse(["clone"], EPERM, masked))
    families = {AF_VSOCK: EPERM} | ({} if has_ipv6 else {AF_INET6: EAFNOSUPPORT})
    for family, errno in families.items():
        is_family = {"index": 0, "value": family, "op": "SCMP_CMP_EQ"}
        rules.append(refuse(["socket"], errno, is_family))
    return {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules}
