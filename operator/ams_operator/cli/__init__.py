"""The command line: `ams-operator`. Thin: every command is a function of its own module."""

from ams_operator.cli.app import app


def main() -> None:
    """The console script."""
    app()
