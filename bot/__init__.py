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
``sandbox``        an embedded LaunchDarkly and an embedded Slack, for the demo and as the tests' doubles
``config``, ``log``  settings and logging, read only at the edges
``terminal``, ``progress``  an answer, and the wait for it, in a terminal
``app``            the composition root: wires what answers questions
``checks``, ``doctor``  what is asked before the first question is taken, and on demand
``process``        the long-running bot: start order, signals, drain
``tour``           the demo in a terminal
``cli``            the commands of ``whatshipped``
=================  ====================================================================
"""
