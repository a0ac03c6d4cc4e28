"""Reads LaunchDarkly's Engineering Insights over HTTP: the adapter behind ``services.ports.DeploymentSource``.

==============  ==========================================================================
``sansio``      requests as values; a response deciphered into the right error; next pages
``schemas``     the wire's shapes, lenient; they never leave this package
``convert``     wire → domain
``retry``       whether and when to ask again, as a pure decision
``limiter``     how many requests may be under way
``client``      the only I/O: one request, with its retries, inside a deadline
``paging``      following the cursors of one list
``shards``      how a busy window is split by time
``reading``     a whole window: pages, slices, and whether they add up
``nested``      the second try for lists inside a deployment that came cut short
``source``      ``LaunchDarklySource``, the port's implementation
``raw``         LaunchDarkly's own JSON, for people who want to see it
``redact``      secrets taken out of raw answers and of errors' words
==============  ==========================================================================

May import: ``domain``, ``services.ports``, ``facts``, httpx, msgspec. Must not: settings, other adapters.
"""

from bot.launchdarkly.source import LaunchDarklySource

__all__ = ["LaunchDarklySource"]
