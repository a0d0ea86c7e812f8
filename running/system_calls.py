"""Calls to the kernel that have no function in Python, and the filter of those that a pupil's code may not make.

The filter is made by libseccomp, once in the warm parent; every child loads it.
"""

from __future__ import annotations

import ctypes
import errno
import os
from contextlib import suppress
from functools import cache
from typing import Any

libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *args: Any) -> int:
    """A function of the C library; what it refuses is an OSError."""
    result = getattr(libc, name)(*args)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), name)
    return int(result)


FORBIDDEN = """
    ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp
    mount umount2 pivot_root chroot mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick
    unshare setns bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    keyctl add_key request_key open_by_handle_at name_to_handle_at syslog quotactl acct swapon swapoff reboot
    init_module finit_module delete_module kexec_load kexec_file_load settimeofday clock_settime adjtimex
    personality setuid setgid setreuid setregid setresuid setresgid setgroups mknod mknodat
""".split()  # noqa: SIM905  a list of names reads best as words
CLONE_NEW = 0x7E020000  # every flag of clone that makes a namespace


class Program(ctypes.Structure):
    """The kernel's struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


@cache
def system_call_filter(*, outside: bool) -> Program:
    """The filter as the kernel's program: made once in the parent, loaded by every child.

    `outside`: no room of its own hides this machine's network and sockets, so none may be opened.
    """
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
    for name in FORBIDDEN:
        with suppress(OSError, RuntimeError, ValueError):  # a name this libseccomp does not know
            rules.add_rule(seccomp.ERRNO(errno.EPERM), name)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags lie in memory; libc falls back to clone
    for bit in range(32):
        if CLONE_NEW >> bit & 1:
            flag = 1 << bit
            rules.add_rule(seccomp.ERRNO(errno.EPERM), "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    families = (1, 2, 10, 16, 17, 40) if outside else (16, 17, 40)  # UNIX, INET, INET6, NETLINK, PACKET, VSOCK
    for family in families:
        rules.add_rule(seccomp.ERRNO(errno.EACCES), "socket", seccomp.Arg(0, seccomp.EQ, family))
    if outside:  # one of a pair of datagram sockets could send to any path; asyncio's and multiprocessing's are streams
        is_datagram = seccomp.Arg(1, seccomp.MASKED_EQ, 0xF, 2)
        rules.add_rule(seccomp.ERRNO(errno.EACCES), "socketpair", is_datagram)
    with os.fdopen(os.memfd_create("filter"), "w+b") as file:
        rules.export_bpf(file)
        file.seek(0)
        code = file.read()
    return Program(len(code) // 8, code)


def load_filter(program: Program) -> None:
    call("prctl", 22, 2, ctypes.byref(program), 0, 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
