"""Answer → the message that Slack gets: pure functions, deterministic, no clock.

May import: ``domain``, ``facts``, ``slack_sdk.models`` (values, no I/O). Must not: ``commands``, adapters, any I/O.
"""
