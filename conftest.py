"""What every test may use."""

pytest_plugins = ["tests.fixtures_cluster", "tests.fixtures_emulator", "tests.order", "tests.crash.summary"]
