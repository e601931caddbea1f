"""The access of a service as its settings say."""

import itertools
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chassis.access.access import Access, Admission
from chassis.access.authorization import Authorizer, Roles
from chassis.access.identity import in_lower_case
from chassis.access.loopback import is_loopback, is_secure
from chassis.process.access_settings import CLUSTER, Issuer
from chassis.process.background import BackgroundTasks
from chassis.process.settings import Settings, SettingsError

if TYPE_CHECKING:
    from chassis.access.authentication import SessionReader

ISSUERS = "ACCESS_ISSUERS"


def access_of(
    settings: Settings, admission: Admission, tasks: BackgroundTasks, sessions: "SessionReader | None" = None
) -> Access:
    """The access that the settings describe.

    Args:
        settings: settings of the service.
        admission: a further check of the service.
        tasks: runs what keeps the keys of the issuers up to date.
        sessions: reads the sessions of browsers; None if there are none.

    Raises:
        SettingsError: the settings contradict each other, or the service would be open to the network unconfirmed.
    """
    check(settings)
    if settings.access == "open":
        return Access()
    return _with_tokens(settings, admission, tasks, sessions)


def check(settings: Settings) -> None:
    """Check the settings of access; raises SettingsError with all that is wrong."""
    is_open = settings.access == "open"
    problems = list(open_problems(settings) if is_open else token_problems(settings, os.environ))
    if problems:
        raise SettingsError(" ".join(problems))


def _with_tokens(
    settings: Settings, admission: Admission, tasks: BackgroundTasks, sessions: "SessionReader | None"
) -> Access:
    # Imported only here, because an open service needs neither their memory nor the time to load them
    from chassis.access.authentication import TokensAndSessions  # noqa: PLC0415
    from chassis.access.cluster import ApiServer, ClusterIssuer  # noqa: PLC0415
    from chassis.access.kubernetes_authorizer import KubernetesRbac  # noqa: PLC0415
    from chassis.access.openid_provider import OpenIdProvider  # noqa: PLC0415
    from chassis.access.tokens import Tokens  # noqa: PLC0415

    def api_server() -> ApiServer:
        return ApiServer(api_server_url(os.environ), settings.access_cluster_dir)

    authorizer: Authorizer
    if settings.access_authorizer == "kubernetes":
        authorizer, kept = KubernetesRbac(api_server(), settings.access_namespace), None
    else:
        authorizer = roles = Roles(settings.access_roles)
        kept = roles.groups
    tokens = Tokens(
        [
            (one, ClusterIssuer(api_server()) if one.issuer == CLUSTER else OpenIdProvider(one.issuer))
            for one in settings.access_issuers
        ],
        audience=settings.access_audience,
        algorithms=settings.access_algorithms,
        most_seconds=settings.access_max_token_seconds,
        kept=kept,
    )
    return Access(TokensAndSessions(tokens, sessions, tasks), authorizer, admission)


def open_problems(settings: Settings) -> Iterator[str]:
    """Why a service that is open to everybody may not start: other machines could reach it."""
    if not (settings.access_open_to_network or is_loopback(settings.host.strip("[]"))):
        yield (
            f"ACCESS=open lets everybody who reaches {settings.host} do everything. Set ACCESS=token or HOST=127.0.0.1,"
            " or confirm it with ACCESS_OPEN_TO_NETWORK=1."
        )


def token_problems(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    """Why a service that verifies tokens may not start."""
    issuers = settings.access_issuers
    if not issuers and not settings.access_session_keys_file:
        yield (
            f"With ACCESS=token nobody could sign in: set {ISSUERS}, such as"
            ' [{"issuer": "kubernetes"}], or ACCESS_SESSION_KEYS_FILE. For a trial on one machine, set ACCESS=open.'
        )
    for name, count in Counter(one.issuer for one in issuers).items():
        if count > 1:
            yield f"{ISSUERS} has the issuer {name} {count} times."
    for one in issuers:
        yield from _issuer_problems(one)
    unprefixed = [one.issuer for one in issuers if one.issuer != CLUSTER and not one.prefix]
    if len(unprefixed) > 1:
        yield (
            f"In {ISSUERS}, only one OpenID Connect provider may have no prefix, because the same name would be"
            f" different people. Give one of these a prefix: {', '.join(unprefixed)}."
        )
    yield from _prefix_problems(issuers)
    yield from _role_problems(settings)
    is_kubernetes = settings.access_authorizer == "kubernetes"
    if is_kubernetes and not settings.access_namespace:
        yield "ACCESS_AUTHORIZER=kubernetes needs ACCESS_NAMESPACE, the namespace whose RoleBindings count."
    if is_kubernetes and settings.access_roles:
        yield "ACCESS_ROLES has no effect with ACCESS_AUTHORIZER=kubernetes. Remove one of the two."
    if is_kubernetes or any(one.issuer == CLUSTER for one in issuers):
        yield from _cluster_problems(settings, environ)


def _issuer_problems(issuer: Issuer) -> Iterator[str]:
    if issuer.issuer == CLUSTER:
        if issuer != Issuer(issuer=CLUSTER, audience=issuer.audience):
            yield (
                f"In {ISSUERS}, the issuer {CLUSTER} can only have an audience, because its names are those of service"
                " accounts."
            )
        return
    if not is_secure(issuer.issuer):
        yield (
            f"In {ISSUERS}, the issuer {issuer.issuer} needs https, because somebody on the network could replace its"
            " keys. Only an issuer on this machine, such as http://127.0.0.1:9000, may have http."
        )
    if issuer.prefix.startswith("system:"):
        yield f"In {ISSUERS}, the prefix {issuer.prefix} is reserved for the cluster. Choose another one."


def _prefix_problems(issuers: Sequence[Issuer]) -> Iterator[str]:
    prefixed = [one for one in issuers if one.prefix]
    for one, other in itertools.permutations(prefixed, 2):
        is_first = issuers.index(one) < issuers.index(other)
        if other.prefix.startswith(one.prefix) and (other.prefix != one.prefix or is_first):
            yield (
                f"In {ISSUERS}, the prefix {other.prefix} of {other.issuer} begins with the prefix {one.prefix} of"
                f" {one.issuer}, so that the same name could be different people. Choose another one."
            )


def _role_problems(settings: Settings) -> Iterator[str]:
    """Users who could not have their role: where the username is the e-mail address, it has lower case."""
    subjects = dict.fromkeys(itertools.chain.from_iterable(settings.access_roles.values()))
    for name in [one.removeprefix("user:") for one in subjects if one.startswith("user:")]:
        namers = [
            one for one in settings.access_issuers if one.issuer != CLUSTER and name.startswith(one.prefix)
        ]
        namer = max(namers, key=lambda one: len(one.prefix), default=None)
        if namer is not None and namer.username == "email":
            right = namer.prefix + in_lower_case(name.removeprefix(namer.prefix))
            if right != name:
                yield f"In ACCESS_ROLES, write e-mail addresses in lower case: user:{right}, not user:{name}."


def _cluster_problems(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    folder = Path(settings.access_cluster_dir)
    missing = [name for name in ("token", "ca.crt") if not (folder / name).is_file()]
    if missing:
        yield (
            f"ACCESS_CLUSTER_DIR needs the files token and ca.crt of a service account: {folder} has no"
            f" {' and no '.join(missing)}."
        )
    if not environ.get("KUBERNETES_SERVICE_HOST"):
        yield (
            "The address of the cluster is not known: KUBERNETES_SERVICE_HOST is not set, as it is in each pod. Without"
            f" a cluster, remove the issuer {CLUSTER} and ACCESS_AUTHORIZER=kubernetes."
        )


def api_server_url(environ: Mapping[str, str]) -> str:
    """Address of the API server, from the environment of a pod."""
    host = environ["KUBERNETES_SERVICE_HOST"]
    return f"https://{f'[{host}]' if ':' in host else host}:{environ.get('KUBERNETES_SERVICE_PORT') or '443'}"
