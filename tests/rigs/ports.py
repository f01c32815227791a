"""Ports for servers that a test starts, and which have to be known before."""

import asyncio
import socket
import sys


def free_port() -> int:
    """A loopback port that stays with whoever asked until this process ends, also while its server
    is not yet or no longer there: else the system gives it to one of the many others that start
    meanwhile.
    """
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("127.0.0.1", 0))
    port = int(one.getsockname()[1])
    if sys.platform == "linux":  # where one may listen at what another has only bound
        one.detach()
    else:
        one.close()
    return port


async def listens(port: int) -> bool:
    """Whether somebody does by now: a gateway that is ready may still be about to."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
