# mypy: disable-error-code="import-not-found, misc, no-any-unimported, untyped-decorator"
# (the libraries of this folder are in a separate virtual environment)
"""The libraries of the older programs: Flask, SQLAlchemy and psycopg2, with gunicorn as the server."""

import os

from flask import Flask, Response, abort, jsonify
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import sessionmaker

from bench.peers.site import Site


def create_app() -> Flask:
    """The application; `DATABASE_URL` and `DATABASE_POOL_SIZE` configure the database."""
    url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg2")
    engine = create_engine(url, pool_size=int(os.environ["DATABASE_POOL_SIZE"]), max_overflow=0)
    sessions = sessionmaker(engine)
    app = Flask(__name__)

    @app.get("/site/<int:site_id>")
    def get_site(site_id: int) -> Response:
        with sessions() as session:
            site = session.get(Site, site_id)
            if site is None:
                abort(404)
            return jsonify(
                id=site.id,
                name=site.name,
                contact=site.contact,
                address=site.address,
                state_or_region=site.state_or_region,
                country=site.country,
                postcode_or_zip=site.postcode_or_zip,
            )

    return app
