"""Slack, both ways: what people type and press becomes questions, what they get back is told here.

``surface``         what Slack is told about us: commands, events, scopes, methods; ``manifest`` writes it down
``http``, ``socket_mode``  the two roads on which Slack comes in
``bolt``            Slack's framework, set up with nothing implicit, and every listener registered
``listeners``       acknowledge, then hand over to ``tasks``
``conversation``    from a question to its answer; ``state`` is what buttons carry
``replies``         where an answer goes: a private message, a thread, a modal
``messenger``       the calls to Slack, with their refusals told apart
``profiles``        time zones and names of people

May import: ``services``, ``commands``, ``formatting``, ``domain``, ``facts``, Slack's libraries. Must not: ``config``,
``launchdarkly``, ``sandbox``, storage.
"""
