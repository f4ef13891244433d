"""What every page's route needs: who asks, what their forms have to send along, and the page as an answer."""

from collections.abc import Sequence

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse

from counterfoil.app.door.session import SignedIn
from counterfoil.show.server.frame import Frame, NothingPage, frame_of
from counterfoil.show.site import Page, rendered
from counterfoil.terms.period import Period


def frame(request: Request, signed: SignedIn, here: str) -> Frame:
    """What is around a page."""
    return frame_of(
        here=here,
        role=signed.viewer().role,
        csrf=signed.csrf,
        example=getattr(request.app.state, "guests", None) is not None,
    )


def answer(page: Page, status: int = 200) -> HTMLResponse:
    """A page as it is sent."""
    return HTMLResponse(rendered(page), status)


def nothing(request: Request, signed: SignedIn, here: str) -> NothingPage:
    """The page while no programme is in force."""
    return NothingPage(frame=frame(request, signed, here), title="Nothing is measured here yet")


def period_of(name: str, periods: Sequence[Period]) -> Period:
    """The period of a link; the last one where none was chosen.

    Raises: HTTPException 404 where no link leads to it.
    """
    if not name and periods:
        return periods[-1]
    found = next((period for period in periods if period.name == name), None)
    if found is None:
        raise HTTPException(404)
    return found
