"""What people type → a Question.

Pure: the same text, moment and zone give the same question. May import: ``domain``. Must not: anything that does I/O.
"""
