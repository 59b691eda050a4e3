"""Errors in the API's format: ``{"error": {"code", "status", "message"}}``."""


class ApiError(Exception):
    """An error response. ``code`` is the HTTP status, ``status`` the canonical name."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(message)
        self.code, self.status, self.message = code, status, message

    def body(self) -> dict[str, dict[str, int | str]]:
        """Return the JSON of the response."""
        return {"error": {"code": self.code, "status": self.status, "message": self.message}}


def invalid(message: str) -> ApiError:
    """400: the request itself is wrong."""
    return ApiError(400, "INVALID_ARGUMENT", message)


def not_found(message: str) -> ApiError:
    """404: the resource does not exist (any more)."""
    return ApiError(404, "NOT_FOUND", message)


def already_exists(message: str) -> ApiError:
    """409: the name is already in use."""
    return ApiError(409, "ALREADY_EXISTS", message)


def precondition(message: str) -> ApiError:
    """400: the request is valid, but something that it needs does not exist yet."""
    return ApiError(400, "FAILED_PRECONDITION", message)


def forbidden(message: str) -> ApiError:
    """403: the project, location or host name is not the server's."""
    return ApiError(403, "PERMISSION_DENIED", message)


def unimplemented(message: str) -> ApiError:
    """501: part of the public API that has no meaning on one machine."""
    return ApiError(501, "UNIMPLEMENTED", message)
