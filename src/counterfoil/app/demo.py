"""The demo: serves the pages about an invented company on this machine."""

from collections.abc import Mapping

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from counterfoil.app.guarded import HANDLERS
from counterfoil.app.progress import Meter
from counterfoil.app.telling import told_tale
from counterfoil.programme.rules import RULES
from counterfoil.show.demo import DemoPage, demo_pages
from counterfoil.show.site import rendered, sheet
from counterfoil.simulate.reported import PEOPLE

SHEETS = ("style.css", "demo.css")


def site(*, people: int = PEOPLE, seed: int) -> FastAPI:
    """The pages of one company, which has lived before the first of them is asked for."""
    with Meter() as meter:
        tale = told_tale(people, seed=seed, meter=meter)
    shown = rendered_pages(demo_pages(tale, {name: rule.text for name, rule in RULES.items()}))
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, exception_handlers=HANDLERS)

    @app.get("/{path:path}")
    async def page(path: str) -> Response:
        """A page of the story, or a style sheet."""
        if path in SHEETS:
            return Response(sheet("site.css" if path == "style.css" else path), media_type="text/css")
        if f"/{path}" not in shown:
            raise HTTPException(404)
        return HTMLResponse(shown[f"/{path}"])

    return app


def rendered_pages(pages: Mapping[str, DemoPage]) -> Mapping[str, str]:
    """Every page as HTML, by its path: they don't change once the story is told."""
    return {path: rendered(page, here=path) for path, page in pages.items()}
