"""Fixtures for every folder of tests, and how the properties are tried."""

from hypothesis import settings

from tests.postgres import empty_postgres_url, postgres_server, postgres_url

# The same examples in every run, and as long as a busy machine needs for each.
settings.register_profile("the same everywhere", derandomize=True, deadline=None)
settings.load_profile("the same everywhere")

__all__ = ["empty_postgres_url", "postgres_server", "postgres_url"]
