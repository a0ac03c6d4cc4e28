"""The database: subscriptions and the delivery ledger, in a SQLite file or in PostgreSQL.

May import: ``services`` (ports), ``domain``, SQLAlchemy, Alembic. Must not: other adapters, settings.
"""
