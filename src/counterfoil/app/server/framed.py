"""What every page's route needs: who asks, what their forms have to send along, and the page as an answer."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from counterfoil.app.door.session import SignedIn
from counterfoil.show.server.frame import Frame, NothingPage, frame_of
from counterfoil.show.site import Page, rendered


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
