"""Public facts about other people's systems, as data and pure functions over plain values.

Both sides of a wire may know them: the formatters that must keep Slack's limits, the sandbox that refuses what breaks
them. May import: the standard library. Must not: any other package of the bot.
"""
