"""The other side of the wire: embedded services on loopback, for people to play with and as the tests' doubles.

What a newcomer sees in the demo is what the tests run against. May import: ``bot.domain``, ``bot.facts`` and the
standard tools of a server. Must not import the rest of the bot, so that no mistake of ours is repeated on both sides.
"""
