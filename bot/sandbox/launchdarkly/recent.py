"""The last day, hand-written, so that the first answer anybody sees tells a story whatever the weekday."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.launchdarkly.records import Change, Course


@dataclass(frozen=True, slots=True)
class Release:
    """``ago`` is when production (or staging) was reached, in minutes before now. No changes: a plain rebuild."""

    application: str
    ago: int
    changes: tuple[Change, ...] = ()
    bumps: int = 0
    course: Course = Course.WELL


PAYMENT_STRUCTURE = 406
"""The pull request that the documentation's examples ask for."""

SHARED_NUMBER = 688
"""The one number that two repositories share."""

HOSTILE_TITLE = "<!channel> *bold* `code` <https://evil.example|click> & \u202egnp.exe\u202c\n> _now_ @everyone :tada:"

RELEASES = (
    Release(
        "docs-site",
        1395,
        (
            Change(HOSTILE_TITLE, "drive-by-42"),
            Change("Explain passkeys in the help centre", "ada.brook"),
        ),
    ),
    Release(
        "identity-service",
        1290,
        (
            Change("Offer passkeys at sign-in", "hugo.marsh", references=("passkey-sign-in", 5, 0)),
            Change("Expire recovery codes after their first use", "priya.shah"),
        ),
    ),
    Release(
        "catalog-api",
        1180,
        (
            Change(
                "Serve product pictures as AVIF",
                "tariq.noor",
                SHARED_NUMBER,
                references=("avif-pictures", 3, 0),
                days_old=81,
            ),
        ),
        course=Course.ROLLED_BACK,
    ),
    Release(
        "notifications-worker",
        1130,
        (Change("Move the mail queue to streams", "otto.lind"),),
        course=Course.NO_END,
    ),
    Release(
        "checkout-web",
        1010,
        (Change("Try a blue pay button", "yuki.tanabe", references=("blue-pay-button", 2, 0)),),
        course=Course.HIDDEN,
    ),
    Release("docs-site", 930),
    Release(
        "mobile-app",
        760,
        (
            Change("Pay later from the basket", "ines.rocha", references=("pay-later-in-basket", 6, 0)),
            Change("Remember the last store", "kofi.lane"),
            Change("Fix crash when a push arrives during checkout", "yuki.tanabe"),
            Change("Remove the old onboarding", "mina.park", references=("new-onboarding", 0, 7)),
        ),
        bumps=2,
    ),
    Release(
        "notifications-worker",
        640,
        (Change("Say in the mail which parcel of the order is late", "kofi.lane"),),
        bumps=3,
    ),
    Release(
        "checkout-api",
        208,
        (
            Change("Retry card authorisation when the gateway times out", "sam.field"),
            Change(
                "Ask the warehouse before promising next-day delivery",
                "ines.rocha",
                references=("warehouse:slot-reservation", 2, 0),
            ),
        ),
        course=Course.FAILED_FIRST,
    ),
    Release(
        "checkout-web",
        152,
        (Change("Translate the order confirmation into Polish", "lena.voss"),),
        course=Course.LATE,
    ),
    Release(
        "billing-service",
        118,
        (
            Change("Round VAT per line item, not per invoice", "otto.lind", 402),
            Change(
                "Introduce the new payment structure",
                "jane.doe",
                PAYMENT_STRUCTURE,
                references=("enable-new-payment-structure", 4, 0),
            ),
        ),
        bumps=1,
    ),
    Release("catalog-api", 74, (Change("Fall back to JPEG where AVIF is not understood", "mina.park"),)),
    Release(
        "billing-service",
        37,
        (Change("Show the next payment date on invoices", "priya.shah", 408),),
        course=Course.STAGING_ONLY,
    ),
    Release(
        "search-api",
        23,
        (
            Change(
                "Put what is in stock before what is not",
                "lena.voss",
                SHARED_NUMBER,
                references=("search-in-stock-first", 2, 0),
            ),
            Change("Remove the old ranking", "ada.brook", references=("rank-by-popularity", 0, 9)),
        ),
    ),
    Release(
        "checkout-web",
        4,
        (
            Change(
                "Show a delivery estimate in the basket", "mina.park", references=("basket-delivery-estimate", 3, 0)
            ),
            Change("Spell out what a voucher does not cover", "sam.field"),
        ),
        bumps=1,
        course=Course.RUNNING,
    ),
)

WAITING = (
    # (application, minutes ago, status, change): pull requests that no environment has
    ("billing-service", 9, "merged", Change("Export invoices as UBL", "jane.doe", 409)),
    ("billing-service", 200, "open", Change("Let customers pay by instalments", "priya.shah", 410)),
    ("checkout-web", 3000, "closed", Change("Rewrite the basket in WebAssembly", "yuki.tanabe")),
)
