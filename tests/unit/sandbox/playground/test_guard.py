"""Who may talk to the page's server, and what its page may do."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from bot.sandbox.playground.server import STATIC


async def test_the_page_may_load_its_own_files_alone(stage):
    async with stage.http.get(stage.url) as page:
        policy = page.headers["Content-Security-Policy"]
        assert page.content_type == "text/html"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert {directives[name] for name in ("script-src", "style-src", "img-src", "connect-src")} == {"'self'"}
    assert directives["frame-ancestors"] == directives["base-uri"] == directives["form-action"] == "'none'"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("main.js", "text/javascript"), ("theme.css", "text/css"), ("icon.svg", "image/svg+xml")],
)
async def test_files_are_served_with_their_types(stage, name, kind):
    async with stage.http.get(f"{stage.url}static/{name}") as file:
        assert file.content_type == kind
        assert await file.text() == (STATIC / name).read_text()


@pytest.mark.parametrize("name", ["nothing.js", "../server.py", "..%2fserver.py", "%2e%2e/%2e%2e/config.py"])
async def test_nothing_else_is_served(stage, name):
    async with stage.http.get(f"{stage.url}static/{name}") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("path", ["", "static/main.js", "events?user=U0JANE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_what_does_not_come_from_the_page_is_refused(stage, path, headers):
    async with stage.http.get(f"{stage.url}{path}", headers=headers) as answer:
        assert answer.status == 403
        assert "Content-Security-Policy" in answer.headers


async def test_who_comes_by_a_link_is_told_what_to_do(stage):
    async with stage.http.get(stage.url, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert "type or paste the address yourself" in await answer.text()


async def test_the_page_can_be_probed(stage):
    del stage.http.headers["Origin"]
    async with stage.http.head(stage.url) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", ""])
async def test_nothing_is_done_for_another_origin(stage, origin):
    before = len(stage.slack.messages("#deploys"))
    body = {"user": "U0JANE", "channel": "C0DEPLOYS", "text": "hello"}
    async with stage.http.post(f"{stage.url}do/send", json=body, headers={"Origin": origin}) as answer:
        assert answer.status == 403
    assert len(stage.slack.messages("#deploys")) == before


async def test_nothing_is_done_without_an_origin(stage):
    del stage.http.headers["Origin"]
    async with stage.http.post(f"{stage.url}do/send", json={}) as answer:
        assert answer.status == 403
    async with stage.http.get(stage.url) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{}", "text/plain", 415),
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"\xff", "application/json; charset=foo", 400),
    ],
    ids=range(6),
)
async def test_only_json_objects_are_taken(stage, body, kind, status):
    async with stage.http.post(f"{stage.url}do/send", data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status == status


class _Assets(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_the_page_names_files_of_its_own_and_has_nothing_inline():
    page = _Assets()
    page.feed((STATIC / "index.html").read_text())
    for tag, attributes in page.tags:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        address = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
        assert tag != "script" or address
        assert address is None or (STATIC / address.removeprefix("/static/")).is_file()


@pytest.mark.parametrize("file", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_no_script_makes_elements_or_code_out_of_text(file):
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|DOMParser|srcdoc|import\("
    assert not re.findall(forbidden, file.read_text())


@pytest.mark.parametrize("file", sorted(STATIC.iterdir()), ids=lambda path: path.name)
def test_files_are_small_and_ask_nobody_else(file):
    text = file.read_text()
    assert len(text.splitlines()) < 400
    elsewhere = re.findall(r"""(?:from|import|url\(|src=|href=)\s*["'(]?\s*(?:https?:)?//""", text)
    assert not elsewhere
