"""What Acme's people and robots write on their pull requests."""

from __future__ import annotations

STORIES: dict[str, tuple[tuple[str, str], ...]] = {
    # application: (title, flag that it puts the change behind or "")
    "billing-service": (
        ("Charge subscriptions in the customer's own currency", "multi-currency-charging"),
        ("Send dunning e-mails three days before a card expires", "dunning-before-expiry"),
        ("Show the tax breakdown on credit notes", ""),
        ("Stop charging twice when a webhook is delivered again", ""),
        ("Move invoice numbering to a database sequence", ""),
        ("Prorate plan changes by the second", "prorate-by-second"),
        ("Accept SEPA mandates signed on the phone", "sepa-mobile-mandates"),
        ("Retry failed settlements with exponential back-off", ""),
        ("Archive invoices older than ten years to cold storage", ""),
        ("Reject negative amounts at the edge", ""),
        ("Refund shipping when the whole order is returned", "refund-shipping"),
        ("Read exchange rates once an hour instead of once a charge", ""),
    ),
    "catalog-api": (
        ("Return prices with and without VAT", ""),
        ("Let merchants schedule a price change", "scheduled-prices"),
        ("Group colour variants under one product", "group-colour-variants"),
        ("Answer 304 when a product has not changed", ""),
        ("Import supplier feeds in parallel", ""),
        ("Hide products without a picture", "hide-pictureless-products"),
        ("Paginate /products by cursor", ""),
        ("Fix sizes sorted as text (XL before S)", ""),
        ("Mark refurbished goods as such", ""),
        ("Keep the last good feed when a supplier sends an empty one", ""),
    ),
    "checkout-api": (
        ("Hold stock for fifteen minutes while the customer pays", "hold-stock-while-paying"),
        ("Accept gift cards and a credit card in one order", "split-payment"),
        ("Validate postcodes by country", ""),
        ("Return a problem document for every refused order", ""),
        ("Let customers change the address until the parcel is packed", "late-address-change"),
        ("Fix free shipping threshold ignoring discounts", ""),
        ("Make POST /orders idempotent", ""),
        ("Ask the fraud service only above fifty euros", "fraud-check-threshold"),
        ("Remember the chosen pick-up point", ""),
        ("Time out the loyalty service after 300 ms", ""),
        ("Emit order.placed after the commit, not before", ""),
        ("Drop the SOAP endpoint that nobody has called since March", ""),
        ("Limit one voucher per order", ""),
    ),
    "checkout-web": (
        ("One-page checkout", "one-page-checkout"),
        ("Show saved cards first", "saved-cards-first"),
        ("Explain why a card was declined", ""),
        ("Lazy-load the payment form", ""),
        ("Fix focus order on the address step", ""),
        ("Let the browser autofill one-time codes", ""),
        ("Show delivery dates in the customer's time zone", ""),
        ("Add Swish and Twint to the payment methods", "local-wallets"),
        ("Keep the basket when a session expires", ""),
        ("Replace moment with Temporal", ""),
        ("Show a skeleton instead of a spinner", "skeleton-loading"),
        ("Fix double submit on slow connections", ""),
        ("Announce basket changes to screen readers", ""),
        ("Cut the checkout bundle by 38 kB", ""),
        ("Prefill the country from the delivery address", ""),
        ("Warn before leaving with an unpaid basket", "unpaid-basket-warning"),
    ),
    "docs-site": (
        ("Write a quick start for the returns API", ""),
        ("Search as you type in the help centre", "docs-instant-search"),
        ("Fix broken anchors in the webhooks guide", ""),
        ("Explain rate limits with an example", ""),
        ("Add dark mode", "docs-dark-mode"),
        ("Redirect the old shipping pages", ""),
        ("Show the API version on every page", ""),
    ),
    "identity-service": (
        ("Rotate session keys every week", ""),
        ("Ask for consent again when the terms change", "consent-refresh"),
        ("Sign customers out everywhere after a password change", ""),
        ("Rate-limit sign-in by account, not by address", "sign-in-limits-by-account"),
        ("Hash new passwords with Argon2id", ""),
        ("Allow sign-in with a company account", "company-sso"),
        ("Fix daylight-saving error in token expiry", ""),
        ("Remove the security questions", ""),
        ("Tell customers about sign-ins from a new device", "new-device-mail"),
    ),
    "mobile-app": (
        ("Track the parcel on the lock screen", "live-parcel-activity"),
        ("Scan a barcode to reorder", "barcode-reorder"),
        ("Fix crash when the camera permission is denied", ""),
        ("Swipe between product pictures", ""),
        ("Cache the home feed for offline use", "offline-home-feed"),
        ("Support the new system font sizes", ""),
        ("Open shop links in the app", ""),
        ("Reduce cold start by 400 ms", ""),
        ("Show loyalty points in the header", ""),
        ("Fix the basket badge after sign-out", ""),
        ("Pay with a fingerprint", "pay-with-fingerprint"),
        ("Ask for a rating only after a delivered order", ""),
        ("Draw the store map with vectors", ""),
    ),
    "notifications-worker": (
        ("Send delivery updates by push before e-mail", "push-before-email"),
        ("Respect quiet hours of the recipient", "quiet-hours"),
        ("Batch price-drop mails into one a day", "daily-price-drop-mail"),
        ("Drop bounced addresses after three tries", ""),
        ("Render e-mails in the customer's language", ""),
        ("Drain the queue on SIGTERM", ""),
        ("Fix unsubscribe link in plain-text mails", ""),
    ),
    "search-api": (
        ("Understand typing mistakes in brand names", "fuzzy-brands"),
        ("Rank by conversion of the last thirty days", "rank-by-conversion"),
        ("Answer in less than 80 ms at the 99th percentile", ""),
        ("Rebuild the index without downtime", ""),
        ("Suggest categories for one-word queries", "category-suggestions"),
        ("Treat 'tee' and 't-shirt' as the same word", ""),
        ("Log searches that found nothing", ""),
        ("Hide sold-out sizes from facets", ""),
        ("Fix umlauts in autocompletion", ""),
    ),
    "picking-app": (
        ("Plan the shortest way through the aisles", "shortest-pick-route"),
        ("Read out the next shelf", "voice-picking"),
        ("Work through a Wi-Fi gap of ten minutes", ""),
        ("Show the parcel size before packing", ""),
        ("Fix the torch staying on", ""),
    ),
    "warehouse-api": (
        ("Reserve delivery slots for the shop", "slot-reservation"),
        ("Count stock by shelf, not by hall", ""),
        ("Book returns the day they arrive", "same-day-returns"),
        ("Print labels in one call", ""),
        ("Fix off-by-one in pallet numbers", ""),
        ("Publish stock changes to the shop within a second", ""),
        ("Close slots when a carrier cancels", ""),
    ),
}

AREAS: dict[str, tuple[str, ...]] = {
    "billing-service": ("invoice rendering", "VAT rules", "settlement import", "refunds", "the ledger export"),
    "catalog-api": ("price lists", "the supplier import", "product pictures", "stock levels", "the category tree"),
    "checkout-api": ("voucher rules", "shipping quotes", "order totals", "payment callbacks", "the basket store"),
    "checkout-web": ("the address form", "the basket page", "payment errors", "the order summary", "guest checkout"),
    "docs-site": ("the changelog page", "code samples", "the sidebar", "page search"),
    "identity-service": ("session storage", "password reset", "consent records", "the audit trail", "token refresh"),
    "mobile-app": ("the product page", "deep links", "push registration", "the wish list", "the store finder"),
    "notifications-worker": ("mail templates", "push delivery", "bounce handling", "the send queue"),
    "search-api": ("facets", "autocompletion", "the index writer", "synonyms", "query parsing"),
    "picking-app": ("the scanner", "pick lists", "offline sync"),
    "warehouse-api": ("slot planning", "stock counts", "label printing", "the carrier interface"),
}

CHORES = (
    "Fix flaky test of {area}",
    "Handle empty answers in {area}",
    "Measure how long {area} takes",
    "Split {area} into its own module",
    "Log the reason when {area} fails",
    "Remove dead code from {area}",
    "Speed up {area}",
    "Tighten the types of {area}",
    "Show a clearer error when {area} fails",
    "Retry {area} once before giving up",
)

CLEAN_UP = "Remove the {flag} flag, it has been on for everyone for two weeks"

_PYTHON = ("sqlalchemy 2.0", "pydantic 2.12", "uvicorn 0.38", "boto3 1.42", "orjson 3.11", "cryptography 46.0")
_WEB = ("react 19.2", "vite 7.2", "typescript 5.9", "eslint 9.39", "playwright 1.57", "zod 4.1")
_GO = ("golang.org/x/net 0.47", "google.golang.org/grpc 1.77", "github.com/jackc/pgx/v5 5.7", "go.uber.org/zap 1.27")
_MOBILE = ("react-native 0.82", "expo 54.0", "fastlane 2.229", "kotlin 2.2")

PACKAGES: dict[str, tuple[str, ...]] = {
    "billing-service": _PYTHON,
    "catalog-api": _GO,
    "checkout-api": _PYTHON,
    "checkout-web": _WEB,
    "docs-site": _WEB,
    "identity-service": _GO,
    "mobile-app": _MOBILE,
    "notifications-worker": _PYTHON,
    "search-api": _GO,
    "picking-app": _MOBILE,
    "warehouse-api": _GO,
}

DEPENDABOT = "dependabot[bot]"
RENOVATE = "renovate[bot]"
ACTIONS = "github-actions[bot]"
ROBOT_CHORES = ("Update translations", "Refresh the licence list", "Regenerate the API client")
