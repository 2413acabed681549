"""Whether the address that is to be listened on is free."""

import errno
import socket
import time

from townsquare.cli.errors import CommandError


def numeric(host: str) -> str:
    """The address that a name such as localhost stands for, which is what can be listened on; as argparse's `type`."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError:
        # What is wrong with it is told when it is tried.
        return host


def check_free(host: str, port: int, *, patience: float = 0) -> None:
    """Raises CommandError when the port is taken; waits up to `patience` seconds for it to be given back."""
    deadline = time.monotonic() + patience
    while (error := _attempt(host, port)) is not None:
        if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
            raise CommandError(_sentence(host, port, error)) from error
        time.sleep(0.1)


def _attempt(host: str, port: int) -> OSError | None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((host, port))
    except OSError as error:
        return error
    return None


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is used by another program. Stop it, or choose another with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} on {host} may not be used by this user: ports below 1024 belong to root. Choose another."
    return f"{host}:{port} cannot be listened on: {error.strerror or error}. Name an address of this machine."
