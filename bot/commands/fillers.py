"""The small words of a whole sentence: "what shipped to staging?", "did #406 ship?"."""

from __future__ import annotations

WHERE = frozenset({"where", "when"})
"""They ask where something is: a question for ``/release``."""

WHETHER = frozenset({"did", "has", "have", "is", "was"})
"""They ask the same, where it is clear what is looked for."""

NEGATIONS = frozenset({"not", "without", "except", "excluding", "but"})
"""They turn round what follows, as a dash does; only at the end are they passed over: "did it ship or not?"."""

FILLERS = (
    WHERE
    | WHETHER
    | NEGATIONS
    | {
        "what",
        "which",
        "who",
        "how",
        "many",
        "please",
        "show",
        "me",
        "us",
        "there",
        "been",
        "were",
        "are",
        "out",
        "yet",
        "now",
        "ago",
    }
    | {"a", "an", "the", "and", "or", "to", "in", "on", "at", "by", "for", "from", "of", "with"}
    | {"all", "any", "anything", "everything", "only", "deployments"}
    | {"reach", "reached", "ship", "ships", "shipped", "deployed", "released", "changed", "went"}
    | {"made", "written", "authored"}
)
"""All of them, passed over unless they stand in quotes; where an application is called so, it is meant all the same."""


def is_filler(word: str) -> bool:
    return word.lower() in FILLERS
