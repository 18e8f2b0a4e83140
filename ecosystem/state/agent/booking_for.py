"""For whom an agent books: chosen at the client's page or at the checkout, kept in the tab until
it is booked."""

from uuid import UUID

import reflex as rx


class BookingForState(rx.State):
    """Nothing of it is sent to the browser; whether the client is the agency's, services decide."""

    _client_id: UUID | None = None

    def _choose(self, client_id: UUID | None) -> None:
        """The client of the next booking; none with ``None``."""
        self._client_id = client_id

    def _chosen(self) -> UUID | None:
        return self._client_id
