"""`python -m sandbox`: prints the addresses and serves until interrupted."""

import argparse
import asyncio
import signal
import sys

from sandbox.server import Sandbox


def main() -> None:
    """Read the options, serve, and leave quietly on Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="sandbox", description="Emulated platforms on loopback.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--imap-port", type=int, default=0)
    parser.add_argument("--dns-port", type=int, default=0)
    parser.add_argument("--discord-port", type=int, default=0)
    parser.add_argument("--agent-url", help="page to show beside the phone")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same ids and tokens")
    options = vars(parser.parse_args())
    try:
        sandbox = Sandbox(**options)
    except ValueError as error:
        parser.error(str(error))
    asyncio.run(serve(sandbox))


async def serve(sandbox: Sandbox) -> None:
    """Print what a gateway needs, then wait for a signal to end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with sandbox:
        for name, value in sandbox.describe().items():
            sys.stdout.write(f"{name:18} {value or '-'}\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    main()
