"""What Shipped: a Slack bot that answers "what shipped?" from LaunchDarkly's Engineering Insights.

The packages, from the inside out; imports point inwards only (checked by the contracts in ``pyproject.toml``):

=================  ====================================================================
``domain``         what we talk about: frozen values and pure functions
``facts``          public facts about Slack and LaunchDarkly that both sides of a wire share
``commands``       text → Question, pure
``formatting``     answer → message, pure
``services``       the use cases; they see the world through ``services.ports``
``launchdarkly``   reads deployments over HTTP (implements ``DeploymentSource``)
``slack``          speaks with Slack: listeners, replies, Socket Mode and HTTP
``storage``        subscriptions and the delivery ledger, on SQLite or PostgreSQL
``scheduler``      the one-minute tick
``metrics``, ``health``  what is counted, and what who watches may ask
``sandbox``        an embedded LaunchDarkly and an embedded Slack, for the demo and as the tests' doubles
``config``, ``log``  settings and logging, read only at the edges
``terminal``, ``progress``  an answer, and the wait for it, in a terminal
``app``, ``stores``  the composition root: wires what answers questions, and what is kept
``worker``         wires what delivers digests
``checks``, ``doctor``  what is asked before the first question is taken, and on demand
``process``        the long-running bot: start order, signals, drain
``tour``, ``playground``  the demo, in a terminal and in a browser
``cli``            the commands of ``whatshipped``
=================  ====================================================================
"""
