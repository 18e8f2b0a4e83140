"""What is put together, by name."""

from dataclasses import dataclass

from ecosystem.database.unit_of_work import Database
from ecosystem.services.account_moves import AccountMoves
from ecosystem.services.agency_contracts import AgencyContracts
from ecosystem.services.agency_desk import AgencyDesk
from ecosystem.services.agency_documents import (
    AgencyDocuments,
    Checking,
    DocumentShares,
)
from ecosystem.services.agency_logo import AgencyLogos
from ecosystem.services.agency_offers import AgencyOffers
from ecosystem.services.agency_profile import AgencyProfiles
from ecosystem.services.agency_team import AgencyTeam
from ecosystem.services.api_keys import ApiKeys
from ecosystem.services.balances import Balances
from ecosystem.services.bookings import Bookings
from ecosystem.services.catalogue import Catalogue
from ecosystem.services.changes.desk import Changes
from ecosystem.services.clients import (
    ClientMerging,
    ClientRights,
    Clients,
    ClientSheets,
    IdentityDocuments,
)
from ecosystem.services.commissions import Commissions
from ecosystem.services.conversations import Conversations
from ecosystem.services.departures import Departures
from ecosystem.services.departures.feed import CalendarFeeds
from ecosystem.services.disputes import Accesses, Answering, Following
from ecosystem.services.documents.desk import Documents
from ecosystem.services.exchange import Exchange
from ecosystem.services.exports import Exports
from ecosystem.services.finder import Finder
from ecosystem.services.health import Health
from ecosystem.services.holds import Holds
from ecosystem.services.idempotency import Idempotency
from ecosystem.services.imports import Imports
from ecosystem.services.inbox import Inbox
from ecosystem.services.joining import Joining
from ecosystem.services.ledger_checks import LedgerChecks
from ecosystem.services.marketplace import (
    Marketplace,
    ReadModelCheck,
    ReadModelKeeping,
)
from ecosystem.services.moving import MovingDesk
from ecosystem.services.operations import Adjusting, Messages, Stuck, Trail
from ecosystem.services.operator_bookings import OperatorBookings
from ecosystem.services.operator_desk import OperatorDesk
from ecosystem.services.operator_overview import Overview
from ecosystem.services.operator_profile import OperatorProfiles
from ecosystem.services.operator_team import OperatorTeam
from ecosystem.services.operator_terms import OperatorTerms
from ecosystem.services.ops_desk import OpsDesk
from ecosystem.services.outbox import Outbox
from ecosystem.services.own_packages import OwnPackages
from ecosystem.services.package_editor import PackageEditor
from ecosystem.services.package_pictures import PackagePictures, PictureFiles
from ecosystem.services.pay_links import PayLinks
from ecosystem.services.payments import Payments
from ecosystem.services.payouts import Payouts
from ecosystem.services.places import Places
from ecosystem.services.ports import Clock
from ecosystem.services.quotes import Quotes
from ecosystem.services.quotes.papers import QuotePapers
from ecosystem.services.readers import Readers
from ecosystem.services.refunds import Refunds
from ecosystem.services.reports import Reports
from ecosystem.services.reviews import Reviews, TripsOver
from ecosystem.services.saved import Saved
from ecosystem.services.search import Search
from ecosystem.services.search_index import SearchIndex
from ecosystem.services.sessions import Sessions
from ecosystem.services.sign_in import SignIn
from ecosystem.services.sitemap import Sitemap
from ecosystem.services.statements import Statements
from ecosystem.services.transfers import Transfers
from ecosystem.services.travellers import TravellerLists, Travellers
from ecosystem.services.worker import Worker
from ecosystem.settings import Settings


@dataclass(frozen=True)
class Services:
    """Everything the pages, the API, the worker and the command line may call."""

    settings: Settings
    database: Database
    clock: Clock
    catalogue: Catalogue
    search: Search
    search_index: SearchIndex
    sitemap: Sitemap
    holds: Holds
    bookings: Bookings
    marketplace: Marketplace
    read_model: ReadModelKeeping
    read_model_check: ReadModelCheck
    payments: Payments
    changes: Changes
    desk: OperatorDesk
    editor: PackageEditor
    own_packages: OwnPackages
    places: Places
    imports: Imports
    exports: Exports
    departures: Departures
    operator_bookings: OperatorBookings
    quotes: Quotes
    travellers: Travellers
    traveller_lists: TravellerLists
    pay_links: PayLinks
    quote_papers: QuotePapers
    agency_logos: AgencyLogos
    overview: Overview
    conversations: Conversations
    calendar_feeds: CalendarFeeds
    pictures: PackagePictures
    picture_files: PictureFiles
    agency_desk: AgencyDesk
    clients: Clients
    client_documents: IdentityDocuments
    client_merging: ClientMerging
    client_rights: ClientRights
    client_sheets: ClientSheets
    documents: Documents
    agency_documents: AgencyDocuments
    document_shares: DocumentShares
    document_checking: Checking
    statements: Statements
    balances: Balances
    payouts: Payouts
    operator_terms: OperatorTerms
    exchange: Exchange
    saved: Saved
    reviews: Reviews
    trips_over: TripsOver
    ops_desk: OpsDesk
    disputes: Answering
    dispute_watch: Following
    refunds: Refunds
    transfers: Transfers
    ledger_checks: LedgerChecks
    commissions: Commissions
    reports: Reports
    accesses: Accesses
    messages: Messages
    adjusting: Adjusting
    stuck: Stuck
    trail: Trail
    sessions: Sessions
    readers: Readers
    sign_in: SignIn
    account_moves: AccountMoves
    moving: MovingDesk
    team: OperatorTeam
    agency_team: AgencyTeam
    agencies: AgencyProfiles
    agency_contracts: AgencyContracts
    agency_offers: AgencyOffers
    finder: Finder
    joining: Joining
    api_keys: ApiKeys
    profiles: OperatorProfiles
    inbox: Inbox
    outbox: Outbox
    idempotency: Idempotency
    health: Health
    worker: Worker

    def close(self) -> None:
        """Stop the worker and give the connections back."""
        self.worker.stop()
        self.database.dispose()
