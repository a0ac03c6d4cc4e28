"""A page in a browser over the embedded Slack: what a team would have, for anybody to try, on loopback only.

What people do in the page goes to the embedded Slack as their client would send it, and from there to the bot; what
the page shows is what the bot sent to Slack. Nothing is short-circuited.

``server``     the page's address: guarded, with its files, its stream and its actions
``snapshot``   what one person sees, as keys and JSON; ``stream`` sends what changed of it
``actions``    what people do; ``guard`` keeps other hosts' pages out
``controls``   time and trouble: buttons and switches as data; ``troubles`` are those of the two embedded services
``news``       what ships at Acme meanwhile
``wire``       the requests of both services in one log
``workspace``  who and what there is when the page is opened
``static``     the page itself: HTML, CSS and JavaScript as they are

May import: the two other sandboxes, aiohttp, the standard library. Must not: the bot.
"""

from bot.sandbox.playground.controls import Button, Choice, Control, Option, Table
from bot.sandbox.playground.news import News
from bot.sandbox.playground.server import PlaygroundServer
from bot.sandbox.playground.troubles import troubles
from bot.sandbox.playground.wire import Wire
from bot.sandbox.playground.workspace import Command, Suggestion, workspace

__all__ = [
    "Button",
    "Choice",
    "Command",
    "Control",
    "News",
    "Option",
    "PlaygroundServer",
    "Suggestion",
    "Table",
    "Wire",
    "troubles",
    "workspace",
]
