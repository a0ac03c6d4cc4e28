"""The made-up company: its projects, environments and applications."""

from __future__ import annotations

from bot.sandbox.launchdarkly.records import Application, Environment, Project

_PRODUCTION = Environment("production", "Production", "417505", critical=True)
_STAGING = Environment("staging", "Staging", "F5A623")
_TEST = Environment("test", "Test", "0E7AC4")

PROJECTS = (
    Project("default", "Acme Shop", (_PRODUCTION, _STAGING, _TEST)),
    Project("warehouse", "Acme Warehouse", (_PRODUCTION, _STAGING)),
)

# First numbers are so far apart that a pull request's number names one repository, unless `recent` wants it otherwise.
APPLICATIONS = (
    Application(
        "billing-service",
        "Billing Service",
        "server",
        "Invoices, subscriptions and everything that moves money",
        "default",
        "short",
        345,
        0.7,
        6,
        ("jane.doe", "otto.lind", "priya.shah"),
    ),
    Application(
        "catalog-api",
        "Catalog API",
        "server",
        "Products, prices and pictures",
        "default",
        "short",
        812,
        0.7,
        4,
        ("tariq.noor", "lena.voss", "mina.park"),
    ),
    Application(
        "checkout-api",
        "Checkout API",
        "server",
        "From basket to order",
        "default",
        "full",
        1187,
        0.9,
        5,
        ("sam.field", "ines.rocha", "jane.doe", "hugo.marsh"),
    ),
    Application(
        "checkout-web",
        "Checkout Web",
        "browser",
        "The shop's basket and payment pages",
        "default",
        "short",
        2231,
        1.2,
        9,
        ("mina.park", "yuki.tanabe", "sam.field", "lena.voss"),
    ),
    Application(
        "docs-site",
        "Docs Site",
        "browser",
        "Help centre and developer documentation",
        "default",
        "short",
        1571,
        0.5,
        3,
        ("ada.brook", "yuki.tanabe"),
    ),
    Application(
        "identity-service",
        "Identity Service",
        "server",
        "Sign-in, sessions and consent",
        "default",
        "full",
        934,
        0.5,
        7,
        ("hugo.marsh", "priya.shah", "tariq.noor"),
    ),
    Application(
        "mobile-app",
        "Mobile App",
        "mobile",
        "Acme Shop for iOS and Android",
        "default",
        "semver",
        3140,
        0.25,
        0,
        ("yuki.tanabe", "ines.rocha", "kofi.lane", "mina.park"),
    ),
    Application(
        "notifications-worker",
        "Notifications Worker",
        "server",
        "E-mails, pushes and text messages",
        "default",
        "short",
        241,
        0.5,
        3,
        ("kofi.lane", "otto.lind"),
    ),
    Application(
        "search-api",
        "Search API",
        "server",
        "Finds what customers mean",
        "default",
        "short",
        604,
        0.6,
        8,
        ("lena.voss", "tariq.noor", "ada.brook"),
    ),
    Application(
        "picking-app",
        "Picking App",
        "mobile",
        "What pickers carry through the aisles",
        "warehouse",
        "semver",
        77,
        0.15,
        0,
        ("kofi.lane", "nils.gran"),
    ),
    Application(
        "warehouse-api",
        "Warehouse API",
        "server",
        "Stock, slots and shipments",
        "warehouse",
        "full",
        158,
        0.4,
        6,
        ("nils.gran", "hugo.marsh"),
    ),
)

BY_KEY = {application.key: application for application in APPLICATIONS}
ENVIRONMENTS = {project.key: project.environments for project in PROJECTS}
