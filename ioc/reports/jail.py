"""What a process that reads hostile bytes gives up: privileges to gain, files, the network.

Linux only and as far as the kernel goes along: on another system nothing happens here, and the
limits of `resource` hold alone.
"""

import ctypes
import errno
import os
import platform
import signal
import struct

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2

# Numbers that the kernel gives its architectures and calls: linux/audit.h, asm/unistd.h.
# Memory, the lines already open and what comes on them, locks, the clock, the end: a decoder
# needs nothing else.
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CALLS = {
    # read write close fstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask
    # rt_sigreturn mremap madvise sched_yield getpid futex clock_gettime exit exit_group getrandom
    # getcwd recvmsg
    "x86_64": (
        0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 25, 28, 24, 39, 202, 228, 60, 231, 318,
        79, 47,
    ),
    "aarch64": (
        63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 216, 233, 124, 172, 98, 113, 93,
        94, 278, 17, 212,
    ),
}  # fmt: skip
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000


def _loaded() -> ctypes.CDLL | None:
    """The C library with the one call used here; None on a system that has no such call."""
    try:
        library = ctypes.CDLL(None)
        library.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    except (OSError, AttributeError):
        return None
    return library


_libc = _loaded()


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


def die_with(parent: int) -> None:
    """This process is killed when its parent ends, or ends now where that has happened."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def close_doors() -> bool:
    """From here on no file opens, no process starts, no socket is made; False where only asked.

    A call that is refused fails with EPERM, so what merely tries it goes on without.
    """
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if _compiled_once is None:
        return False
    return _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(_compiled_once[0]))


def _prctl(option: int, value: int, pointer: int = 0) -> bool:
    return _libc is not None and _libc.prctl(option, value, pointer, 0, 0) == 0


def _filter(machine: str) -> bytes | None:
    """The seccomp program that lets CALLS pass on `machine`; None for one that is not known."""
    if machine not in CALLS:
        return None
    calls = CALLS[machine]
    steps = [
        (LOAD, 0, 0, 4),  # the architecture, so that no number means another call
        (JUMP_IF_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, 0),  # the call's number
        *((JUMP_IF_EQUAL, len(calls) - n, 0, call) for n, call in enumerate(calls)),
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _compiled() -> tuple[_Program, ctypes.Array[ctypes.c_char]] | None:
    """The filter of this machine as the kernel takes it, and the memory that it points to."""
    code = _filter(platform.machine())
    if code is None:
        return None
    buffer = ctypes.create_string_buffer(code, len(code))
    return _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p)), buffer


_compiled_once = _compiled()  # for all who are forked
