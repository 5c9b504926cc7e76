"""Run the command line: ``python -m gameserver``."""

from gameserver.cli.main import main

if __name__ == "__main__":
    main()
