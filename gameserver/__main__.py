"""Run the command line: ``python -m gameserver`` and the ``gameserver`` command.

Law: nothing is imported here before Ctrl-C is made silent. Python's own handling would print a
traceback out of whatever is being imported in the first second.
"""

import os
import signal


def main() -> None:
    """Run a command; it listens to signals itself once it has something to end in order."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    _fill_standard_descriptors()
    from gameserver.cli.main import main as run  # noqa: PLC0415  see the module

    run()


def _fill_standard_descriptors() -> None:
    """Open what was started closed (``2>&-``), or the next socket would be standard error."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one


if __name__ == "__main__":
    main()
