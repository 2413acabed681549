"""Run a program as another user: `python drop.py UID GID CAPABILITY FOLDER PROGRAM [ARGUMENT …]`.

PostgreSQL refuses to run as root. This is a program of its own, run by root, and not a function between fork and exec,
where little Python is safe. CAPABILITY is the number of one Linux capability (capabilities(7)) that the program keeps
although it is no longer root, or -1 for none; FOLDER is where it starts.
"""

import ctypes
import os
import sys

PR_SET_SECUREBITS = 28
NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522
CANNOT = 126
"""Exit status when the user, the capability or the folder could not be had."""


def _keep(libc: ctypes.CDLL, capability: int) -> None:
    """Hold only `capability`, and pass it on to the program that is executed next."""
    words = [0, 0]
    words[capability // 32] = 1 << capability % 32
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    # Twice (for the low and the high 32 capabilities): effective, permitted, inheritable.
    sets = (ctypes.c_uint32 * 6)(*[words[0]] * 3, *[words[1]] * 3)
    if libc.capset(header, sets) or libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0):
        raise OSError(ctypes.get_errno(), "the capability cannot be kept")


def become(uid: int, gid: int, capability: int) -> None:
    """Be that user from now on. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    # Without the bit, access(2) ignores the capability, and PostgreSQL does not find its own executable with it.
    if capability >= 0 and libc.prctl(PR_SET_SECUREBITS, NO_SETUID_FIXUP, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "capabilities cannot be kept")
    os.setgroups([gid])
    os.setgid(gid)
    os.setuid(uid)
    if capability >= 0:
        _keep(libc, capability)


def main() -> None:
    uid, gid, capability, folder, *command = sys.argv[1:]
    try:
        become(int(uid), int(gid), int(capability))
        os.chdir(folder)
        os.execv(command[0], command)  # noqa: S606 (to start a program without a shell is the point)
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be run as user {uid} in {folder}: {error}\n")
        sys.exit(CANNOT)


if __name__ == "__main__":
    main()
