"""What goes wrong in OAuth 2: the codes of RFC 6749 (5.2) and RFC 7009, in the words that Mastodon's apps know."""

from typing import ClassVar

from townsquare.kernel.errors import Refused


class OAuthError(Refused):
    """`error` is for programs. With `redirect_to`, a browser is sent back to the app with it."""

    status = 400
    error: ClassVar[str] = "invalid_request"
    default = (
        "The request is missing a required parameter, includes an unsupported parameter value, "
        "or is otherwise malformed."
    )

    def __init__(self, text: str | None = None, *, redirect_to: str | None = None) -> None:
        super().__init__(text)
        self.redirect_to = redirect_to


class InvalidRequest(OAuthError):
    pass


class InvalidClient(OAuthError):
    status = 401
    error = "invalid_client"
    default = (
        "Client authentication failed due to unknown client, no client authentication included, "
        "or unsupported authentication method."
    )


class InvalidGrant(OAuthError):
    error = "invalid_grant"
    default = (
        "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in "
        "the authorization request, or was issued to another client."
    )


class InvalidScope(OAuthError):
    error = "invalid_scope"
    default = "The requested scope is invalid, unknown, or malformed."


class InvalidRedirect(OAuthError):
    error = "invalid_redirect_uri"
    default = "The redirect uri included is not valid."


class UnsupportedGrant(OAuthError):
    error = "unsupported_grant_type"
    default = "The authorization grant type is not supported by the authorization server."


class UnsupportedResponse(OAuthError):
    error = "unsupported_response_type"
    default = "The authorization server does not support this response type."


class AccessDenied(OAuthError):
    status = 403
    error = "access_denied"
    default = "The resource owner or authorization server denied the request."


class UnauthorisedClient(OAuthError):
    status = 403
    error = "unauthorized_client"
    default = "You are not authorized to revoke this token"
