"""What an app can find out about signing in here (RFC 8414, with the names that Mastodon adds)."""

import msgspec

from townsquare.auth.scopes import KNOWN
from townsquare.kernel.settings import Settings


class ServerMetadata(msgspec.Struct, frozen=True):
    """`/.well-known/oauth-authorization-server`."""

    issuer: str
    service_documentation: str
    authorization_endpoint: str
    token_endpoint: str
    app_registration_endpoint: str
    revocation_endpoint: str
    userinfo_endpoint: str
    scopes_supported: tuple[str, ...]
    response_types_supported: tuple[str, ...]
    response_modes_supported: tuple[str, ...]
    grant_types_supported: tuple[str, ...]
    token_endpoint_auth_methods_supported: tuple[str, ...]
    code_challenge_methods_supported: tuple[str, ...]


def server_metadata(settings: Settings) -> ServerMetadata:
    """The same for everybody; it changes with the settings only."""
    here = settings.public_url
    grants = ("authorization_code", "client_credentials", "refresh_token")
    return ServerMetadata(
        issuer=f"{here}/",
        service_documentation="https://docs.joinmastodon.org/",
        authorization_endpoint=f"{here}/oauth/authorize",
        token_endpoint=f"{here}/oauth/token",
        app_registration_endpoint=f"{here}/api/v1/apps",
        revocation_endpoint=f"{here}/oauth/revoke",
        userinfo_endpoint=f"{here}/oauth/userinfo",
        scopes_supported=KNOWN,
        response_types_supported=("code",),
        response_modes_supported=("query",),
        grant_types_supported=(*grants, "password") if settings.auth.password_grant else grants,
        token_endpoint_auth_methods_supported=("client_secret_basic", "client_secret_post"),
        code_challenge_methods_supported=("S256",),
    )
