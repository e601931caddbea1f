"""The pages where people sign in and out."""

import time

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from chassis.access import session_cookie
from chassis.access.access import Access
from chassis.access.authentication import TokensAndSessions
from chassis.access.caller import CALLER, Caller
from chassis.access.identity import EVERYBODY, caller_of
from chassis.access.json_documents import NoDocument
from chassis.access.sessions import CookieTooLarge, Sessions
from chassis.access.tokens import NotAToken, Tokens
from chassis.errors import FieldError, Unauthenticated, Unavailable
from chassis.pages.forms import Form, read_form
from chassis.pages.rendering import page_path, render
from chassis.web.operations import Operation, page
from status.sign_in import attempts
from status.sign_in.provider import Refused, error_code
from status.sign_in.signing_in import CALLBACK, SigningIn

LONGEST_TOKEN = 8192
"""Maximum number of characters of a token that is pasted: no longer one is accepted in a header, either."""

NO_PROVIDER = (
    "The provider cannot be reached now. Whoever is signed in stays signed in. Try again in a minute."
)
NOT_FINISHED = (
    "The provider did not sign you in. You may have cancelled it there, or you may not use Benchtop."
)
REFUSED = (
    "The provider refused this sign-in, or it refused Benchtop. Try again. If that does not help, tell the operator:"
    " the log of status has the reason."
)
NOT_ACCEPTED = "The response of the provider cannot be used, so you were not signed in. Try again."
LOST = (
    "This attempt to sign in is not known here. It was begun in another browser or at another address, more than ten"
    " minutes ago, or it was used already. Try again."
)
TOO_MANY_GROUPS = (
    "You are in so many groups that they do not fit into the session of a browser. The operator can name the groups"
    " that Benchtop needs, as groups in SIGN_IN_CLIENT, or let the provider send fewer."
)
NAMES_TOO_LONG = (
    "The names in your sign-in are too long for the session of a browser. The operator can choose a shorter username in"
    " ACCESS_ISSUERS."
)

LONGEST_NAME = 200
"""Maximum number of characters of a person's name in a session; more are cut off."""

INCOMPLETE = "This is not a complete token: copy it completely; it has three parts with dots between them."

CANCELLED = "access_denied"
"""The error of a provider when the person has cancelled, or is not allowed (RFC 6749, section 4.1.2.1)."""

JUST_NOW = "benchtop-signed-in-just-now"
"""Name of a cookie that every browser keeps for a minute, to recognize one that did not keep the session."""

JUST_NOW_SECONDS = 60

log = structlog.get_logger()


class NotSignedIn(Exception):
    """Signing in failed. The message tells the person why."""

    def __init__(self, told: str, status: int, reason: str = "") -> None:
        super().__init__(told)
        self.told = told
        self.status = status
        self.reason = reason
        """For the log."""


async def show_sign_in(request: Request) -> Response:
    """`GET /sign-in`."""
    await _identify(request)
    return _sign_in_page(request, _next(request, request.query_params.get("next", "")))


async def begin(request: Request) -> Response:
    """`POST /sign-in`: to the provider.

    The page leads there, and not a redirect, because the Content-Security-Policy lets no form lead to another host.
    """
    values = await read_form(request)
    signing_in = _signing_in(request)
    next_page = _next(request, values.get("next", ""))
    sessions = _sessions(request)
    if signing_in.provider is None or sessions is None or not sessions.keys:
        return await _failed(request, NotSignedIn("Nobody can sign in at a provider here.", 409), next_page)
    attempt = attempts.begin(next_page)
    try:
        address = await signing_in.provider.address(attempt)
    except NoDocument as error:
        return await _failed(request, NotSignedIn(NO_PROVIDER, 503, str(error)), next_page)
    host = signing_in.provider.settings.host
    response = render(
        request, "sign_in/leaving.html", headers={"Refresh": f"0;url={address}"}, address=address, host=host
    )
    attempts.keep(request, response, attempt, sessions.keys)
    return response


async def finish(request: Request) -> Response:
    """`GET /sign-in/callback`: the provider sends a person back."""
    caller = await _identify(request)
    signing_in = _signing_in(request)
    sessions = _sessions(request)
    parameters = dict(request.query_params)
    state = parameters.get("state", "")
    attempt = attempts.find(request, state, sessions.keys) if sessions else None
    usable = attempt is not None and signing_in.used.use(attempt)
    if attempt is None or not usable or sessions is None or signing_in.provider is None:
        if caller.kind == "session":  # such as with the Back button, after signing in
            return _redirect("/")
        return await _failed(request, NotSignedIn(LOST, 400), "/")
    try:
        found = await _caller(signing_in, parameters, attempt, _tokens(request))
        response = _signed_in(request, sessions, found, attempt.next)
    except NotSignedIn as error:
        response = await _failed(request, error, attempt.next)
    attempts.forget(response, state)
    return response


async def sign_in_with_token(request: Request) -> Response:
    """`POST /sign-in/token`: with a token that was pasted."""
    await _identify(request)
    values = await read_form(request)
    next_page = _next(request, values.get("next", ""))
    sessions = _sessions(request)
    if sessions is None or not sessions.keys or not _signing_in(request).accepts_tokens:
        return await _failed(request, NotSignedIn("Nobody can sign in with a token here.", 409), next_page)
    try:
        caller = await _token_caller(values.get("token", ""), _tokens(request))
        return _signed_in(request, sessions, caller, next_page, caller.expires)
    except Unauthenticated as error:
        log.info("Signing in failed", reason=error.detail)
        form = Form({"token": ""}, [FieldError("/token", "invalid", error.detail)])
        return _sign_in_page(request, next_page, form=form, status=422)
    except Unavailable as error:
        return await _failed(request, NotSignedIn(error.detail, 503), next_page)
    except NotSignedIn as error:
        return await _failed(request, error, next_page)


async def show_sign_out(request: Request) -> Response:
    """`GET /sign-out`: asks, because a link must not sign anybody out."""
    await _identify(request)
    return render(request, "sign_in/sign_out.html", signing_in=_signing_in(request))


async def sign_out(request: Request) -> Response:
    """`POST /sign-out`."""
    await _identify(request)
    sessions = _sessions(request)
    cookie = session_cookie.session_cookie(request)
    session = (
        sessions.session(cookie) if sessions else None
    )  # that of the cookie, even if there is a token too
    if sessions is not None and session is not None:
        sessions.end(cookie)
        log.info("Signed out", actor=session.actor, issuer=session.iss)
    response = _redirect(page_path(request, "/sign-in?signed-out=yes"))
    session_cookie.forget(response)
    response.delete_cookie(JUST_NOW, path=page_path(request, "/sign-in"), httponly=True, samesite="lax")
    return response


async def _token_caller(pasted: str, tokens: Tokens) -> Caller:
    """The caller that a pasted token names.

    Raises:
        Unauthenticated: the API would not accept the token.
        Unavailable: the keys of its issuer are not known.
    """
    token = pasted.strip().removeprefix("Bearer ").strip()
    if not token:
        raise Unauthenticated("Paste a token.")
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise Unauthenticated("This is not a token. Paste the complete token and nothing else.")
    try:
        verified = await tokens.verify(token.encode())
    except NotAToken as error:
        raise Unauthenticated(INCOMPLETE) from error
    if (
        verified.claims.exp <= time.time() + 1
    ):  # the API accepts it for a minute more, a session would end at once
        raise Unauthenticated("The token has expired. Get a new one.")
    return caller_of(verified.issuer, verified.claims, verified.payload)


async def _caller(
    signing_in: SigningIn, parameters: dict[str, str], attempt: attempts.Attempt, tokens: Tokens
) -> Caller:
    assert signing_in.provider is not None  # noqa: S101  the caller has checked it
    if "error" in parameters:
        code = error_code(parameters["error"])
        told = NOT_FINISHED if code == CANCELLED else REFUSED
        raise NotSignedIn(told, 400, f"The provider sent the browser back with the error {code}.")
    if "code" not in parameters:
        raise NotSignedIn(NOT_FINISHED, 400, "The provider sent the browser back without a code.")
    try:
        return await signing_in.provider.caller(parameters, attempt, tokens)
    except (NoDocument, Unavailable) as error:
        raise NotSignedIn(NO_PROVIDER, 503, str(error)) from error
    except Refused as error:
        raise NotSignedIn(REFUSED, 502, str(error)) from error
    except Unauthenticated as error:
        raise NotSignedIn(NOT_ACCEPTED, 400, error.detail) from error


def _signed_in(
    request: Request, sessions: Sessions, caller: Caller, next_page: str, token_ends: float | None = None
) -> Response:
    """Start a new session, end the one that the browser had before, and return to a page."""
    signing_in = _signing_in(request)
    kept = signing_in.provider.settings.groups if signing_in.provider else ()
    caller = caller.in_groups(frozenset(kept)) if kept else caller
    caller = msgspec.structs.replace(caller, name=caller.name[:LONGEST_NAME])
    try:
        cookie = sessions.start(caller, token_ends)
    except CookieTooLarge as error:
        raise _too_large(sessions, caller) from error
    sessions.end(session_cookie.session_cookie(request))
    log.info("Signed in", actor=caller.actor, issuer=caller.issuer, with_token=token_ends is not None)
    response = _redirect(next_page)
    session_cookie.keep(response, cookie, sessions.seconds_left(cookie))
    path = page_path(request, "/sign-in")
    response.set_cookie(JUST_NOW, "1", JUST_NOW_SECONDS, path=path, httponly=True, samesite="lax")
    return response


def _too_large(sessions: Sessions, caller: Caller) -> NotSignedIn:
    """Why the session of a caller does not fit into a cookie."""
    groups = sum(group != EVERYBODY for group in caller.groups)
    reason = f"The session does not fit into a cookie: {groups} groups."
    try:
        sessions.start(caller.in_groups(frozenset()))
    except CookieTooLarge:
        return NotSignedIn(NAMES_TOO_LONG, 403, reason)
    return NotSignedIn(TOO_MANY_GROUPS, 403, reason)


async def _failed(request: Request, error: NotSignedIn, next_page: str) -> Response:
    await _identify(request)
    if error.reason:
        log.warning("Signing in failed", reason=error.reason[:500])
    headers = {"Retry-After": "60"} if error.status == 503 else None  # noqa: PLR2004  the provider is out
    return _sign_in_page(request, next_page, told=error.told, status=error.status, headers=headers)


def _sign_in_page(
    request: Request,
    next_page: str,
    *,
    form: Form | None = None,
    told: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    signing_in = _signing_in(request)
    sessions = _sessions(request)
    signed_out = "signed-out" in request.query_params and request.method == "GET"
    return render(
        request,
        "sign_in/sign_in.html",
        status,
        headers,
        signing_in=signing_in,
        has_keys=sessions is not None and bool(sessions.keys),
        address_problem=signing_in.address_problem(request),
        next=next_page,
        form=form or Form(),
        told=told,
        signed_out=signed_out,
        lost_session=JUST_NOW in request.cookies and not signed_out,
    )


async def _identify(request: Request) -> Caller:
    """Who calls, if that is known: these pages need nothing, but show it like every page."""
    if CALLER not in request.scope:
        access: Access = request.app.state.access
        await access.identify_or_anonymous(request)
    caller: Caller = request.scope[CALLER]
    return caller


def _next(request: Request, given: str) -> str:
    return _signing_in(request).next_page.choose(given)


def _redirect(location: str) -> Response:
    return Response(status_code=303, headers={"Location": location, "Cache-Control": "no-store"})


def _signing_in(request: Request) -> SigningIn:
    signing_in: SigningIn = request.state.signing_in
    return signing_in


def _sessions(request: Request) -> Sessions | None:
    sessions: Sessions | None = request.app.state.sessions
    return sessions


def _tokens(request: Request) -> Tokens:
    access: Access = request.app.state.access
    authenticator = access.authenticator
    assert isinstance(authenticator, TokensAndSessions)  # noqa: S101  there are no sessions without it
    return authenticator.tokens


PAGES: list[Operation] = [
    page("/sign-in", show_sign_in, "The page where people sign in", "nothing"),
    page("/sign-in", begin, "Sign in at the provider", "nothing", method="POST"),
    page("/sign-in/token", sign_in_with_token, "Sign in with a token", "nothing", method="POST"),
    page(CALLBACK, finish, "The provider sends a person back", "nothing"),
    page("/sign-out", show_sign_out, "Ask before signing out", "nothing"),
    page("/sign-out", sign_out, "Sign out", "nothing", method="POST"),
]
