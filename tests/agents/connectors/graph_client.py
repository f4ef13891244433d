"""Does by Microsoft's own client what our connector does; run by the interpreter that has it, and no other.

Arguments: address, token, team, channel. Prints what it was told, as JSON.
"""

import asyncio
import json
import sys
from types import SimpleNamespace
from typing import Any


async def spoken(address: str, token: str, team: str, channel: str) -> dict[str, Any]:
    """List, read, post, answer, change, take back."""
    from kiota_abstractions.authentication import (  # type: ignore[import-not-found]
        AllowedHostsValidator,
        BaseBearerTokenAuthenticationProvider,
    )
    from msgraph import GraphRequestAdapter, GraphServiceClient  # type: ignore[import-not-found]
    from msgraph.generated.models.body_type import BodyType  # type: ignore[import-not-found]
    from msgraph.generated.models.chat_message import ChatMessage  # type: ignore[import-not-found]
    from msgraph.generated.models.item_body import ItemBody  # type: ignore[import-not-found]

    async def token_of(*_: Any, **__: Any) -> str:
        return token

    provider = SimpleNamespace(
        get_authorization_token=token_of, get_allowed_hosts_validator=lambda: AllowedHostsValidator([])
    )
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(provider))
    adapter.base_url = address
    client = GraphServiceClient(request_adapter=adapter)

    def saying(text: str) -> ChatMessage:
        return ChatMessage(body=ItemBody(content_type=BodyType.Text, content=text))

    me = await client.me.get()
    teams = await client.me.joined_teams.get()
    channels = await client.teams.by_team_id(team).channels.get()
    here = client.teams.by_team_id(team).channels.by_channel_id(channel)
    members = await here.members.get()
    post = await here.messages.post(saying("The build is green."))
    one = here.messages.by_chat_message_id(post.id)
    reply = await one.replies.post(saying("It is."))
    await one.patch(saying("The build is red."))
    said = await here.messages.get()
    await one.replies.by_chat_message_id1(reply.id).soft_delete.post()
    gone = await one.replies.by_chat_message_id1(reply.id).get()
    return {
        "me": me.id,
        "teams": [t.id for t in teams.value],
        "channels": [[c.id, c.membership_type.value] for c in channels.value],
        "members": [[m.user_id, m.roles, m.tenant_id] for m in members.value],
        "said": [
            [m.id, m.body.content, m.from_.user.id, m.last_edited_date_time is not None] for m in said.value
        ],
        "gone": gone.deleted_date_time is not None,
    }


if __name__ == "__main__":
    json.dump(asyncio.run(spoken(*sys.argv[1:5])), sys.stdout)
