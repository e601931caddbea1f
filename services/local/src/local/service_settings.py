"""The settings of each service in the local run: those in the environment, and what the local run decides."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from balances.settings import BalancesSettings
from chassis.process.settings import Settings, SettingsError, read
from inventory.settings import InventorySettings
from local import machine_zone
from local.settings import LocalSettings
from status.app import StatusSettings

S = TypeVar("S", bound=Settings)

KINDS = (StatusSettings, InventorySettings, BalancesSettings)

DECIDED = {"path_prefix", "database_url", "feeds"}
"""Settings that the local run decides: its paths are those of the Ingress, and it knows the databases and the feeds."""

OF_THE_SERVER = {"host", "port", "metrics_port", "allowed_hosts", "log_format"}
"""Settings of the server that the worker does not get: it has a port of its own, and writes its log for people."""

NO_DATABASE_YET = "postgresql://"
"""Connection URL until the local run knows the database."""


class ServiceSettings(NamedTuple):
    """The settings of the services, without the database and the feeds."""

    status: StatusSettings
    inventory: InventorySettings
    balances: BalancesSettings


def read_all(settings: LocalSettings, environ: Mapping[str, str]) -> ServiceSettings:
    """Read the settings of the services; settings that the local run has too are the same in all of them.

    Raises:
        SettingsError: a setting of a service is malformed, or is of no use in the local run.
    """
    if settings.metrics_port is not None:
        raise SettingsError(
            "METRICS_PORT: the local run has no metrics, because its services share one process. Start one service by"
            " itself instead: METRICS_PORT=9000 DATABASE_URL=... .venv/bin/balances serve"
        )
    common = replace(settings, time_zone=settings.time_zone or machine_zone.find(environ))
    return ServiceSettings(
        _read(StatusSettings, common, environ),
        _read(InventorySettings, common, environ),
        _read(BalancesSettings, common, environ),
    )


def with_sessions(services: ServiceSettings, keys_file: Path, origin: str) -> ServiceSettings:
    """The settings with which people can sign in: the key of sessions, and who is asked which sessions signed out.

    Args:
        services: the settings of the services; what is set there stays.
        keys_file: file with the key.
        origin: URL of the server.
    """
    peers = [f"{origin}{one.path_prefix}" for one in services]

    def changed(settings: S) -> S:
        return replace(
            settings,
            access_session_keys_file=settings.access_session_keys_file or str(keys_file),
            access_signed_out_urls=settings.access_signed_out_urls or peers,
        )

    return ServiceSettings(changed(services.status), changed(services.inventory), changed(services.balances))


def of_worker(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment variables that are settings of the worker."""
    names = _variables(set(InventorySettings.__struct_fields__) - DECIDED - OF_THE_SERVER)
    return {name: value for name, value in environ.items() if name in names}


def _read(kind: type[S], common: LocalSettings, environ: Mapping[str, str]) -> S:
    names = _variables(set(kind.__struct_fields__) - DECIDED)
    own = {name: value for name, value in environ.items() if name in names}
    shared = (set(kind.__struct_fields__) & set(common.__struct_fields__)) - DECIDED
    return replace(
        read(kind, {**own, "DATABASE_URL": NO_DATABASE_YET}),
        **{name: getattr(common, name) for name in shared},
    )


def _variables(fields: Iterable[str]) -> set[str]:
    return {name for field in fields for name in (field.upper(), f"{field.upper()}_FILE")}
