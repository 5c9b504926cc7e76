"""Play Arena on a server: ``python -m client_demo`` and the ``gameserver-client`` command.

Law: Ctrl-C is made silent before anything large is imported. The imports take about a second, and
Python's default handler would print a traceback from the middle of them.
"""

import signal


def main() -> None:
    """Run the client; it handles signals itself when its window is open."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from client_demo.command import run  # noqa: PLC0415  see the module

    run()


if __name__ == "__main__":
    main()
