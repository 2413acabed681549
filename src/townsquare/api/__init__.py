"""The door for apps: Mastodon's client API.

Each module has a table `ROUTES`; a route names its method, path, who may call it, its scope, the struct of its
parameters, its handler, and the entity that it returns (for the OpenAPI document). A handler is
`async def show(call, given)`.
"""
