"""`python -m ams_emulator` is the console script `ams-emulator`."""

from ams_emulator.cli import main

main()
