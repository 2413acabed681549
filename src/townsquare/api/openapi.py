"""Our own OpenAPI document, made from the same tables by which requests are answered (OpenAPI 3.1).

https://spec.openapis.org/oas/v3.1.1.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import msgspec

from townsquare import __version__
from townsquare.api.door import WITH_BODY, Access, Route
from townsquare.api.entities import Error, entity
from townsquare.auth.scopes import KNOWN
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope
from townsquare.kernel.http.params import File
from townsquare.kernel.settings import Settings

Json = dict[str, Any]

REFERENCE: Final = "#/components/schemas/{name}"
ALWAYS: Final = (400, 401, 403, 404, 422, 429, 503)
WITH_A_BODY: Final = (413, 415)
KEY: Final[Json] = {"type": "http", "scheme": "bearer"}
SCHEMES: Final[Mapping[Access, str]] = {Access.KEY: "NoticeKey", Access.SIGNAL: "SignalKey"}
_VARIABLE: Final = re.compile(r":(\w+)")


def endpoint(settings: Settings, routes: Sequence[Route]) -> Endpoint:
    """Where the document is read. It is made when it is first asked for."""

    @cache
    def made() -> bytes:
        return msgspec.json.encode(document(settings, routes))

    async def answer(_scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
        return json(made()).header("access-control-allow-origin", "*")

    return Endpoint("GET", "/api/openapi.json", answer)


def document(settings: Settings, routes: Sequence[Route]) -> Json:
    """The whole document."""
    given = list(dict.fromkeys(route.given for route in routes))
    returned = list(dict.fromkeys(name for route in routes for name in route.returns.split("|")))
    shown, components = msgspec.json.schema_components(
        [*given, *(entity(name) for name in returned), Error], ref_template=REFERENCE
    )
    schemas = dict(zip(given, shown, strict=False))
    answers = dict(zip(returned, shown[len(given) :], strict=False))
    paths: dict[str, Json] = {}
    for route in routes:
        path = paths.setdefault(_VARIABLE.sub(r"{\1}", route.path), {})
        path[route.method.lower()] = _operation(
            route, components, schemas[route.given], _either(answers, route.returns)
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": settings.title, "description": settings.description, "version": __version__},
        "servers": [{"url": settings.public_url}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"OAuth2": _security(settings), **dict.fromkeys(SCHEMES.values(), KEY)},
        },
    }


def _either(answers: Mapping[str, Json], returns: str) -> Json:
    """What a route returns: one thing, or one of several."""
    several = [answers[name] for name in returns.split("|")]
    return several[0] if len(several) == 1 else {"anyOf": several}


def _security(settings: Settings) -> Json:
    scopes = {scope: "" for scope in KNOWN}
    here = settings.public_url
    ends = {"tokenUrl": f"{here}/oauth/token", "scopes": scopes}
    return {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {"authorizationUrl": f"{here}/oauth/authorize"} | ends,
            "clientCredentials": ends,
        },
    }


def _operation(route: Route, components: Mapping[str, Json], given: Json, returned: Json) -> Json:
    shape = components[given["$ref"].rpartition("/")[2]]
    operation: Json = {
        "operationId": f"{route.method.lower()}{re.sub(r'[^a-zA-Z0-9]+', '_', route.path)}",
        "tags": [route.handler.__module__.rpartition(".")[2]],
        "security": _securities(route),
        "parameters": [_path_parameter(name) for name in _VARIABLE.findall(route.path)],
        "responses": _responses(route, returned),
    }
    properties: Mapping[str, Json] = shape.get("properties", {})
    if route.method in WITH_BODY and route.method != "DELETE":
        if properties:
            operation["requestBody"] = {"content": _content(route.given, given, shape)}
    else:
        required = shape.get("required", ())
        operation["parameters"] += [
            _query_parameter(name, schema, required=name in required) for name, schema in properties.items()
        ]
    return operation


def _securities(route: Route) -> list[Json]:
    """Alternatives: each scope by itself is enough, and for a public route nothing."""
    if route.access is Access.OPEN:
        return [{}]
    if route.access in SCHEMES:
        return [{SCHEMES[route.access]: []}]
    signed: list[Json] = [{"OAuth2": [scope]} for scope in route.scope] or [{"OAuth2": []}]
    return [{}, *signed] if route.access is Access.PUBLIC else signed


def _path_parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameter(name: str, schema: Json, *, required: bool) -> Json:
    """Lists are written as Rails has them: `id[]=1&id[]=2`."""
    written = f"{name}[]" if "items" in schema or _lists(schema) else name
    return {"name": written, "in": "query", "required": required, "schema": schema}


def _lists(schema: Json) -> bool:
    return any("items" in option for option in schema.get("anyOf", ()))


def _content(shape: type[msgspec.Struct], reference: Json, schema: Json) -> Json:
    """JSON, and the two kinds of forms; files come in a multipart form only."""
    files = [field.encode_name for field in msgspec.structs.fields(shape) if File in _options(field.type)]
    if not files:
        one = {"schema": reference}
        return {"application/json": one, "application/x-www-form-urlencoded": one, "multipart/form-data": one}
    properties: Json = schema["properties"]
    plain = {name: each for name, each in properties.items() if name not in files}
    with_files = plain | {name: {"type": "string", "format": "binary"} for name in files}
    return {
        "multipart/form-data": {"schema": schema | {"properties": with_files}},
        "application/json": {"schema": {"type": "object", "properties": plain}},
    }


def _options(kind: Any) -> Sequence[Any]:
    return getattr(kind, "__args__", (kind,))


def _responses(route: Route, returned: Json) -> Json:
    errors: Iterable[int] = ALWAYS
    if route.method in WITH_BODY:
        errors = (*errors, *WITH_A_BODY)
    responses: Json = {
        str(status): _response(HTTPStatus(status), returned) for status in dict.fromkeys((200, route.unfinished))
    }
    error = {"$ref": REFERENCE.format(name="Error")}
    responses |= {str(status): _response(HTTPStatus(status), error) for status in sorted(errors)}
    return responses


def _response(status: HTTPStatus, schema: Json) -> Json:
    return {"description": status.phrase, "content": {"application/json": {"schema": schema}}}
