"""The playground: the real bot between an embedded Slack and an embedded LaunchDarkly, with a page to use it in.

``serving``      puts them together and keeps them until the end
``running_bot``  the bot's process, which a person can restart
``digests``      time as a person moves it, and the ledger of what came due

May import: everything but the command line. The page itself is ``sandbox.playground``, which does not know the bot.
"""

from bot.playground.serving import Served, playground, serving

__all__ = ["Served", "playground", "serving"]
