# mypy: disable-error-code="import-not-found, misc, unused-ignore"
# (this folder's libraries are in a virtual environment of their own)
"""The row that both SQLAlchemy peers answer with."""

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """SQLAlchemy's registry."""


class Site(Base):
    """A site, as inventory's migrations made it."""

    __tablename__ = "site"
    __table_args__ = {"schema": "inventory"}  # noqa: RUF012  SQLAlchemy's way to say it

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    contact: Mapped[str | None]
    address: Mapped[str | None]
    state_or_region: Mapped[str | None]
    country: Mapped[str | None]
    postcode_or_zip: Mapped[str | None]
