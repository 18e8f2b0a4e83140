"""Every table as a SQLModel class; ``info["group"]`` names the move group it belongs to.

Only ``queries`` reads this package. The classes describe tables that the plain
SQL in ``supabase/migrations`` and Alembic in ``aws/migrations`` create; a test
compares all three.
"""

from ecosystem.database.tables.accounts import Operator, User
from ecosystem.database.tables.agency_documents import AgencyDocument, DocumentShare
from ecosystem.database.tables.clients import (
    Client,
    ClientMerge,
    ClientNote,
    Household,
    IdentityDocument,
)
from ecosystem.database.tables.contracts import AgencyContract
from ecosystem.database.tables.desk import (
    CalendarFeed,
    Import,
    ImportItem,
    OperatorMember,
    PackagePicture,
    PackageVersion,
)
from ecosystem.database.tables.money import (
    Adjustment,
    BookingAccess,
    BookingChange,
    Dispute,
    LedgerCheck,
    OperatorTerms,
    Refund,
    Transfer,
    TransferReversal,
)
from ecosystem.database.tables.moving import MigrationJob, MigrationPace
from ecosystem.database.tables.operations import (
    AuditEntry,
    IdempotencyKey,
    InboxEvent,
    MigrationGroup,
    MigrationRange,
    MigrationState,
    OutboxMessage,
    SentEmail,
)
from ecosystem.database.tables.packages import (
    Package,
    PackageAddon,
    PackageCity,
    PackageExclusion,
)
from ecosystem.database.tables.people import (
    Agency,
    Customer,
    PendingSignUp,
    Session,
    TravelAgent,
)
from ecosystem.database.tables.quotes import Quote, QuoteBooking, QuoteComment, QuoteVersion
from ecosystem.database.tables.reports import SavedReport
from ecosystem.database.tables.sales import (
    Booking,
    Departure,
    LedgerEntry,
    Payment,
    PayoutAccount,
    SeatClaim,
)
from ecosystem.database.tables.search import (
    PackageIndex,
    PackageSearch,
    SearchTerm,
    SearchVersion,
    SearchWord,
    TermKind,
)
from ecosystem.database.tables.sign_in import SignInChallenge
from ecosystem.database.tables.storefront import (
    ExchangeRate,
    Message,
    Review,
    SavedPackage,
    SeenPackage,
)
from ecosystem.database.tables.table_backups import TableBackup
from ecosystem.database.tables.teams import ApiKey, TeamInvitation

__all__ = [
    "Adjustment",
    "Agency",
    "AgencyContract",
    "AgencyDocument",
    "ApiKey",
    "AuditEntry",
    "Booking",
    "BookingAccess",
    "BookingChange",
    "CalendarFeed",
    "Client",
    "ClientMerge",
    "ClientNote",
    "Customer",
    "Departure",
    "Dispute",
    "DocumentShare",
    "ExchangeRate",
    "Household",
    "IdempotencyKey",
    "IdentityDocument",
    "Import",
    "ImportItem",
    "InboxEvent",
    "LedgerCheck",
    "LedgerEntry",
    "Message",
    "MigrationGroup",
    "MigrationJob",
    "MigrationPace",
    "MigrationRange",
    "MigrationState",
    "Operator",
    "OperatorMember",
    "OperatorTerms",
    "OutboxMessage",
    "Package",
    "PackageAddon",
    "PackageCity",
    "PackageExclusion",
    "PackageIndex",
    "PackagePicture",
    "PackageSearch",
    "PackageVersion",
    "Payment",
    "PayoutAccount",
    "PendingSignUp",
    "Quote",
    "QuoteBooking",
    "QuoteComment",
    "QuoteVersion",
    "Refund",
    "Review",
    "SavedPackage",
    "SavedReport",
    "SearchTerm",
    "SearchVersion",
    "SearchWord",
    "SeatClaim",
    "SeenPackage",
    "SentEmail",
    "Session",
    "SignInChallenge",
    "TableBackup",
    "TeamInvitation",
    "TermKind",
    "Transfer",
    "TransferReversal",
    "TravelAgent",
    "User",
]
