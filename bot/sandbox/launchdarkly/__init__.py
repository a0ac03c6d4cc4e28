"""An embedded LaunchDarkly: the documented Engineering Insights API over real HTTP, with a made-up company behind it.

``company``          who and what there is, and ``deploy`` for more of it
``history``          five weeks of it, written from ``acme`` (applications), ``stories`` (titles) and ``recent`` (today)
``endpoints``        what each documented path answers, from ``parameters`` to ``representations``
``faults``           switches for all that can go wrong on the way
``server``           the HTTP around them
"""

from __future__ import annotations

from bot.sandbox.launchdarkly.server import LoggedRequest, SandboxLaunchDarkly

__all__ = ["LoggedRequest", "SandboxLaunchDarkly"]
