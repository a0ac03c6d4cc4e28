"""The only I/O of the package: one request, asked again where that helps, inside the caller's deadline."""

from __future__ import annotations

import asyncio
import logging
import random as random_module
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from bot.domain.errors import SourceAuthError, SourceContractError, SourceError, SourceUnavailable
from bot.launchdarkly import retry, sansio
from bot.launchdarkly.limiter import Limiter
from bot.launchdarkly.redact import REDACTED

T = TypeVar("T")

log = logging.getLogger(__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates to trust; reading them takes longer than many an answer, so a process reads them once."""
    return httpx.create_ssl_context()


class Client:
    """Sends requests to one LaunchDarkly host with one token. Make it once: its connections are kept.

    ``request_timeout`` is in seconds and bounds one attempt as a whole. Redirects are never followed: the token would
    go with them. Only paths are logged.
    """

    def __init__(
        self,
        *,
        token: str,
        base_url: str,
        concurrency: int,
        request_timeout: float,
        attempts: int = retry.ATTEMPTS,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        if not token.isascii() or not token.isprintable() or " " in token:
            # It could not be sent as a header, and the error of the attempt would print it.
            raise SourceAuthError(
                "The LaunchDarkly access token holds a character that no token has (a line break, a space, a curly "
                "quote?). Whoever runs this bot: copy LAUNCHDARKLY_ACCESS_TOKEN again."
            )
        self.base_url = base_url.rstrip("/")
        self._token = token
        self._request_timeout = request_timeout
        self._attempts = max(1, attempts)
        self._clock = clock
        self.monotonic = monotonic
        self._sleep = sleep
        self._random = random
        self._limiter = Limiter(concurrency)
        try:
            self._http = httpx.AsyncClient(
                transport=transport,
                verify=_trusted(),
                follow_redirects=False,
                timeout=None,  # noqa: S113 (each attempt is bounded as a whole, in _send)
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=max(1, concurrency)),
            )
        except OSError as error:  # ssl.SSLError is one as well
            raise SourceAuthError(
                f"The certificates to trust cannot be read ({error.strerror or type(error).__name__}). "
                "Whoever runs this bot: correct SSL_CERT_FILE or SSL_CERT_DIR."
            ) from error

    async def aclose(self) -> None:
        await self._http.aclose()

    async def get(
        self,
        request: sansio.Request,
        read: Callable[[sansio.Reply], T],
        *,
        deadline: float,
        attempts: int | None = None,
    ) -> T:
        """What ``read`` makes of a successful reply; ``read`` may raise ``SourceContractError``.

        ``deadline`` is a time of ``monotonic``. Raises the ``SourceError`` of the last attempt that had its time.
        """
        attempts = attempts or self._attempts
        attempt = 1
        earlier: retry.Failure | None = None
        while True:
            outcome = await self._attempt(request, read, deadline)
            if not isinstance(outcome, retry.Failure):
                return outcome
            if earlier is not None and self.monotonic() >= deadline:
                raise earlier.error  # that the time ran out then tells less than why it was asked again
            earlier = outcome
            wait = retry.wait_after(
                outcome,
                attempt=attempt,
                attempts=attempts,
                remaining=deadline - self.monotonic(),
                random=self._random,
            )
            what = type(outcome.error).__name__
            then = "given up" if wait is None else f"again in {wait:.1f} s"
            log.info("path=%s attempt=%d failed=%s %s", request.path, attempt, what, then)
            if wait is None:
                raise outcome.error
            await self._sleep(wait)
            attempt += 1

    async def _attempt(
        self, request: sansio.Request, read: Callable[[sansio.Reply], T], deadline: float
    ) -> T | retry.Failure:
        try:
            reply = await self._send(request, deadline)
        except SourceError as error:
            return retry.Failure(error)
        if not 200 <= reply.status < 300:
            # A proxy in between may echo what it was sent.
            reply = replace(reply, body=reply.body.replace(self._token.encode(), REDACTED.encode()))
            log.info("path=%s status=%d id=%s", request.path, reply.status, sansio.support_id(reply) or "-")
            hint = retry.hinted_wait(reply.headers, self._clock() * 1000, reply.status)
            return retry.Failure(sansio.error_of(request, reply, hint), reply.status, hint)
        try:
            return read(reply)
        except SourceContractError as unreadable:
            return retry.Failure(unreadable, reply.status)

    async def _send(self, request: sansio.Request, deadline: float) -> sansio.Reply:
        remaining = deadline - self.monotonic()
        if remaining <= 0:
            raise SourceUnavailable("LaunchDarkly did not answer in time.")
        try:
            async with asyncio.timeout(remaining), self._limiter, asyncio.timeout(self._request_timeout):
                reply = await self._exchange(request)
        except TimeoutError as error:
            # The rest of a budget is no time that anybody knows.
            within = "in time" if remaining < self._request_timeout else f"within {self._request_timeout:.3g} s"
            raise SourceUnavailable(f"LaunchDarkly did not answer {within}.") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._no_connection(error) from error
        self._limiter.learn(reply.status, reply.headers)
        return reply

    def _no_connection(self, error: Exception) -> SourceError:
        """Why there was no answer: httpx says it only in the errors behind its own."""
        host = urlsplit(self.base_url).hostname
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            return SourceAuthError(
                f"The certificate of “{host}” is not trusted here. Whoever runs this bot: check LAUNCHDARKLY_BASE_URL; "
                "where a proxy signs its own certificates, name its authority's file in SSL_CERT_FILE."
            )
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return SourceUnavailable(
                f"The name “{host}” is not found: this machine's DNS fails, or LAUNCHDARKLY_BASE_URL is wrong."
            )
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return SourceUnavailable(f"“{host}” refused the connection.")
        return SourceUnavailable(f"The connection to LaunchDarkly failed ({type(error).__name__}).")

    async def _exchange(self, request: sansio.Request) -> sansio.Reply:
        message = self._http.build_request(
            "GET", self.base_url + request.path, params=request.params, headers=request.headers(self._token)
        )
        response = await self._http.send(message, stream=True)
        try:
            body = await response.aread()
        except (httpx.RemoteProtocolError, httpx.DecodingError) as error:  # shorter than announced, or broken gzip
            raise SourceContractError("LaunchDarkly's answer was cut off.") from error
        finally:
            await response.aclose()
        log.debug("path=%s status=%d bytes=%d", request.path, response.status_code, len(body))
        return sansio.Reply(response.status_code, response.headers, body)
