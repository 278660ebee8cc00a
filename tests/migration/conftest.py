"""Fixtures for reading version 2. Property tests here run with the settings of tests/property."""

from tests.property.conftest import settings as settings
