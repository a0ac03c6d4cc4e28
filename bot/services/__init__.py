"""The use cases: from a question to a message.

They see the world through ``ports`` only. May import: ``domain``, ``commands``, ``formatting``. Must not: adapters,
settings, httpx, Slack's Bolt, the scheduler, the database.
"""
