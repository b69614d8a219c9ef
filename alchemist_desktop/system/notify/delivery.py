"""How a delivery fails."""

from alchemist_desktop.domain.errors import KnownError


class DeliveryError(KnownError):
    """A message did not arrive. `is_final` tells that trying again would not help; the text holds no secret.

    `retry_after_s` is what the service asked for.
    """

    def __init__(self, message: str, *, is_final: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(message, code="NOTIFICATION_DELIVERY_FAILED")
        self.is_final = is_final
        self.retry_after_s = retry_after_s
