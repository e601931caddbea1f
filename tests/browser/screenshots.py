"""Writes the pictures that the READMEs show, from a fresh Benchtop with demo data: `make screenshots`."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.browser import benchtop as local
from tests.browser.browsing import launch, open_page

FOLDER = Path("docs/screenshots")

SHOWN: Mapping[str, str] = {
    "portal": "/",
    "services": "/status/ui/",
    "containers": "/inventory/ui/containers?q=HeLa",
    "container": "/inventory/ui/containers/120",
    "balances": "/balances/ui/",
    "docs": "/inventory/docs",
}
"""Path of the page by the name of its picture."""


def main() -> None:
    """Write all pictures. A page that cannot be shown stops it with an error."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="benchtop-screenshots-") as folder,
        sync_playwright() as playwright,
    ):
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user if this runs as root
        with local.running(Path(folder) / "data") as benchtop:
            page = launch(playwright).new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
            for name, path in SHOWN.items():
                response = open_page(page, benchtop.url + path)
                if not response.ok:
                    raise SystemExit(f"{path} answers {response.status}, so there is no picture of it.")
                picture = FOLDER / f"{name}.png"
                page.screenshot(path=picture)
                make_smaller(picture)
                print(f"{picture} shows {path}: {picture.stat().st_size} bytes")  # noqa: T201  output of a command


def make_smaller(picture: Path) -> None:
    """Reduce a picture to a palette, if pngquant is on PATH."""
    if shutil.which("pngquant"):
        subprocess.run(
            ["pngquant", "--force", "--skip-if-larger", "--output", picture, "--", picture], check=False
        )


if __name__ == "__main__":
    main()
