"""The page about the person who is signed in: who that is, for how long, and with which role in each service."""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chassis.access.access import Access
from chassis.access.caller import caller_of
from chassis.access.identity import EVERYBODY
from chassis.access.session_cookie import session_cookie
from chassis.access.sessions import Sessions
from chassis.pages.rendering import render
from chassis.web.operations import Operation, page
from status.permissions import RESOURCES
from status.portal.credential import credential_of
from status.portal.questions import Questions
from status.portal.roles import Held, MeThere
from status.portal.shared_answers import Answer


async def show_me(request: Request) -> Response:
    """`GET /me`."""
    access: Access = request.app.state.access
    sessions: Sessions | None = request.app.state.sessions
    session = sessions.session(session_cookie(request)) if sessions else None
    roles = () if access.is_open else await _roles(request)
    return render(
        request,
        "account/me.html",
        roles=roles,
        groups=[group for group in caller_of(request).groups if group != EVERYBODY],
        ends=_time(caller_of(request).expires),
        latest_end=_time(session.latest_end) if session else None,
        with_token=session is not None and session.token_exp is not None,
    )


async def _roles(request: Request) -> Sequence[Mapping[str, Any]]:
    questions: Questions = request.state.questions
    credential = credential_of(request)
    asked = [(client.title, shared) for client, shared in questions.accounts if client.configured]
    answers = await asyncio.gather(*(shared.get(credential) for _, shared in asked))
    others = [{"title": title, "answer": answer} for (title, _), answer in zip(asked, answers, strict=True)]
    own = Answer(value=await _here(request), at=dt.datetime.now(dt.UTC))
    return [*others, {"title": "Status", "answer": own}]


async def _here(request: Request) -> MeThere:
    access: Access = request.app.state.access
    caller = caller_of(request)
    permissions = [one for resource in RESOURCES for one in resource.permissions.values()]
    rights = await access.rights(caller, permissions)
    held: dict[str, list[str]] = {}
    for one in permissions:
        if rights(one.verb, one.resource):
            held.setdefault(one.resource, []).append(one.verb)
    return MeThere(access.role(caller), [Held(name, verbs) for name, verbs in held.items()])


def _time(seconds: float) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, ValueError):
        return None


PAGES: list[Operation] = [page("/me", show_me, "Who is signed in", "identity")]
