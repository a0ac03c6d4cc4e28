"""``whatshipped``, and ``python -m bot``: the command line, which may be interrupted while it is still on its way."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it without a word, with the exit code 130 that a shell gives it."""
    try:
        from bot.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
