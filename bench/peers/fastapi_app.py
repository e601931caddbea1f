# mypy: disable-error-code="import-not-found, misc, no-any-return, no-any-unimported, untyped-decorator"
# (the libraries of this folder are in a separate virtual environment)
"""FastAPI and SQLAlchemy's asyncio extension with asyncpg, which caches prepared statements."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bench.peers.site import Site


class SiteAnswer(BaseModel):
    """The JSON of a site."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    contact: str | None
    address: str | None
    state_or_region: str | None
    country: str | None
    postcode_or_zip: str | None


def create_app() -> FastAPI:
    """The application; `DATABASE_URL` and `DATABASE_POOL_SIZE` configure the database."""
    url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, pool_size=int(os.environ["DATABASE_POOL_SIZE"]), max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    async def open_session() -> AsyncIterator[AsyncSession]:
        async with sessions() as session:
            yield session

    app = FastAPI(lifespan=lifespan)

    @app.get("/site/{site_id}", response_model=SiteAnswer)
    async def get_site(site_id: int, session: Annotated[AsyncSession, Depends(open_session)]) -> Site:
        site = await session.get(Site, site_id)
        if site is None:
            raise HTTPException(404)
        return site

    return app
