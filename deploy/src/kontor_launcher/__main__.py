"""``kontor`` and ``python -m kontor_launcher``."""

import sys

SERVING = {"run", "service"}


def main() -> None:
    """Hand over to the command line; a process that serves gets the runtime first.

    The runtime replaces the standard library's blocking calls, which must happen before anything has taken
    hold of them.
    """
    if SERVING & set(sys.argv[1:2]):
        import kontor.runtime  # noqa: F401
    from kontor_launcher import cli

    cli.main()


if __name__ == "__main__":
    main()
