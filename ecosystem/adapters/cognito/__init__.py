"""Amazon Cognito: one user pool through one app client."""

from ecosystem.adapters.cognito.accounts import Accounts
from ecosystem.adapters.cognito.pool import Cognito

__all__ = ["Accounts", "Cognito"]
