"""Play Arena on a server: ``python -m client_demo`` and the ``gameserver-client`` command.

Law: nothing is imported here before Ctrl-C is made silent. Python's own handling would print a
traceback out of whatever is being imported in the first second.
"""

import signal


def main() -> None:
    """Run the client; it listens to signals itself once its window is open."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from client_demo.command import run  # noqa: PLC0415  see the module

    run()


if __name__ == "__main__":
    main()
