"""What we talk about: deployments, windows, questions' filters, summaries, errors.

Frozen values and pure functions. Every datetime is aware; ``now`` is always an argument.
May import: the standard library's values. Must not: any other package of the bot, logging, clocks, randomness.
"""
