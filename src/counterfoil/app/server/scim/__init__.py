"""The organisation's directory comes in here: SCIM 2.0 at /scim/v2, by a token of the scope scim or roles."""

from counterfoil.app.server.scim.routes import router

__all__ = ["router"]
