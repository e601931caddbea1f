# mypy: disable-error-code="import-not-found, misc, unused-ignore"
# (the libraries of this folder are in a separate virtual environment)
"""The row that both SQLAlchemy servers return."""

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """SQLAlchemy's registry."""


class Site(Base):
    """A site, as inventory's migrations create its table."""

    __tablename__ = "site"
    __table_args__ = {"schema": "inventory"}  # noqa: RUF012  SQLAlchemy requires this form

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    contact: Mapped[str | None]
    address: Mapped[str | None]
    state_or_region: Mapped[str | None]
    country: Mapped[str | None]
    postcode_or_zip: Mapped[str | None]
