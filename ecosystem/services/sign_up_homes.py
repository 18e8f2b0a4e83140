"""Where a sign-up belongs: customers and agents at Cognito, operators where their tables are."""

from contextlib import suppress

from ecosystem.domain.errors import Invalid
from ecosystem.services.membership import Membership
from ecosystem.services.ports import IdentityProvider


class SignUpHomes:
    """Begins and confirms accounts at the right provider. Thread-safe."""

    def __init__(
        self, cognito: IdentityProvider, supabase: IdentityProvider, membership: Membership
    ) -> None:
        self._cognito = cognito
        self._supabase = supabase
        self._membership = membership

    def of(self, role: str, email: str) -> list[IdentityProvider]:
        """Where this sign-up begins, and for an operator's where else it may have begun, before
        the tables moved or moved back.

        An address that people of operators have is asked about where it is known as taken.
        """
        if role != "provider":
            return [self._cognito]
        if self._membership.new_operators_at_cognito(email):
            return [self._cognito, self._supabase]
        return [self._supabase, self._cognito]

    def confirm(self, role: str, email: str, code: str) -> str:
        """The id of whoever this code was mailed to. Raises ``Invalid`` as the first one does."""
        first, *others = self.of(role, email)
        try:
            return first.confirm(email, code)
        except Invalid:
            for other in others:
                with suppress(Invalid):
                    return other.confirm(email, code)
            raise

    def resend(self, role: str, email: str) -> None:
        """Mail the code again; silent when there is nothing to confirm."""
        for home in self.of(role, email):
            home.resend_code(email)
