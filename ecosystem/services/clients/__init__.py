"""An agency's clients: kept, found, merged, imported, exported, erased."""

from ecosystem.services.clients.desk import Clients
from ecosystem.services.clients.identity import IdentityDocuments
from ecosystem.services.clients.merging import ClientMerging
from ecosystem.services.clients.rights import ClientRights
from ecosystem.services.clients.sheets import ClientSheets

__all__ = ["ClientMerging", "ClientRights", "ClientSheets", "Clients", "IdentityDocuments"]
