"""What Shipped: a Slack bot that answers "what shipped?" from LaunchDarkly's Engineering Insights.

The packages, from the inside out; imports point inwards only (checked by the contracts in ``pyproject.toml``):

=================  ====================================================================
``domain``         what we talk about: frozen values and pure functions
``facts``          public facts about Slack and LaunchDarkly that both sides of a wire share
``commands``       text → Question, pure
``formatting``     answer → message, pure
``services``       the use cases; they see the world through ``services.ports``
``launchdarkly``   reads deployments over HTTP (implements ``DeploymentSource``)
``sandbox``        an embedded LaunchDarkly, for the demo and as the tests' double
``config``, ``log``  settings and logging, read only by ``app`` and ``cli``
``app``            the composition root: the only module that names concrete classes
``cli``            the commands of ``whatshipped``
=================  ====================================================================
"""
