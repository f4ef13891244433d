"""Lists of people and groups: filtered, a page at a time, always in the same order."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fastapi import Request
from scim2_models import Context, ListResponse, Resource, ResponseParameters, SearchRequest
from scim2_models.path import CompareOperator, Comparison

from counterfoil.app.server.scim.discovery import MOST_AT_ONCE, USUALLY
from counterfoil.app.server.scim.resources import dumped
from counterfoil.guard.directory.shelf import every
from counterfoil.guard.guarded import Guarded
from counterfoil.terms.directory import Card, CardKind
from counterfoil.terms.ids import CardId

ASKED = ("filter", "startIndex", "count", "attributes", "excludedAttributes")
UNIQUE = {"username", "externalid"}
"""What no two people have, and so finds one of them at once."""


def search_of(request: Request, model: type[Resource[Any]]) -> SearchRequest[Any]:
    """What a request asks for.

    Raises: ValidationError where it can't be asked.
    """
    said = {name: request.query_params[name] for name in ASKED if name in request.query_params}
    kind: Any = SearchRequest
    search: SearchRequest[Any] = kind[model].model_validate(said)
    return search


def parameters_of(request: Request, model: type[Resource[Any]]) -> ResponseParameters[Any]:
    """Which attributes a request asks for.

    Raises: ValidationError where it can't be asked.
    """
    said = {name: request.query_params[name] for name in ASKED[3:] if name in request.query_params}
    kind: Any = ResponseParameters
    asked: ResponseParameters[Any] = kind[model].model_validate(said)
    return asked


def listed(
    g: Guarded, search: SearchRequest[Any], kind: CardKind, resource: Callable[[Card], Resource[Any] | None]
) -> dict[str, Any]:
    """One page of what is asked for; `resource` gives none for what is none of the caller's business."""
    count = min(USUALLY if search.count is None else search.count, MOST_AT_ONCE)
    first = search.start_index_0 or 0
    found: list[Resource[Any]] = []
    if search.filter is None and kind is CardKind.PERSON:
        ids = g.keys.card_ids(kind)
        total = len(ids)
        cards = every(g, ids[first : first + count])
        found = [one for card in cards if (one := resource(card)) is not None]
    else:
        total = 0
        for one in _matching(g, search, kind, resource):
            if first <= total < first + count:
                found.append(one)
            total += 1
    return {
        "schemas": [str(ListResponse.__schema__)],
        "totalResults": total,
        "startIndex": first + 1,
        "itemsPerPage": len(found),
        "Resources": [dumped(one, Context.RESOURCE_QUERY_RESPONSE, search) for one in found],
    }


def whole(found: Sequence[Resource[Any]]) -> dict[str, Any]:
    """A short list at once."""
    return {
        "schemas": [str(ListResponse.__schema__)],
        "totalResults": len(found),
        "startIndex": 1,
        "itemsPerPage": len(found),
        "Resources": [dumped(one, Context.RESOURCE_QUERY_RESPONSE) for one in found],
    }


def _matching(
    g: Guarded, search: SearchRequest[Any], kind: CardKind, resource: Callable[[Card], Resource[Any] | None]
) -> Iterator[Resource[Any]]:
    for card in _candidates(g, search, kind):
        one = resource(card)
        if one is not None and (search.filter is None or search.filter.match(one)):
            yield one


def _candidates(g: Guarded, search: SearchRequest[Any], kind: CardKind) -> Iterator[Card]:
    """The cards that a filter can mean."""
    ast = None if search.filter is None else search.filter.ast
    if isinstance(ast, Comparison) and ast.op is CompareOperator.eq and isinstance(ast.value, str):
        path = ast.attr_path
        if path.sub_attr is None and path.attr.casefold() == "id":
            yield from (card for card in g.keys.cards([CardId(ast.value)]) if card.kind is kind)
            return
        if kind is CardKind.PERSON and path.sub_attr is None and path.attr.casefold() in UNIQUE:
            name = ast.value.casefold() if path.attr.casefold() == "username" else ast.value
            card = g.keys.card_named(name)
            yield from [card] if card is not None and card.kind is kind else []
            return
    yield from every(g, g.keys.card_ids(kind))
