"""The composition root: settings in, services out. Nothing else imports adapters.

``vendors`` makes what has an address: databases and Stripe, and what needs only those.
"""

import threading
from typing import Any

from ecosystem.adapters.cognito import Accounts, Cognito
from ecosystem.adapters.document_scanner import DocumentScanner
from ecosystem.adapters.dynamodb import DynamoDb
from ecosystem.adapters.ecb import Ecb
from ecosystem.adapters.guardduty import GuardDuty
from ecosystem.adapters.s3 import S3
from ecosystem.adapters.ses import Ses
from ecosystem.adapters.supabase_auth import SupabaseAuth
from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.services import emails
from ecosystem.services.account_moves import AccountMoves
from ecosystem.services.agency_contracts import AgencyContracts
from ecosystem.services.agency_desk import AgencyDesk
from ecosystem.services.agency_documents import (
    ERASE,
    AgencyDocuments,
    Checking,
    DocumentShares,
    eraser,
)
from ecosystem.services.agency_documents import SEALED_FOR as SEALED_FOR_SHARES
from ecosystem.services.agency_emails import AgencyEmails
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
from ecosystem.services.clients.identity import SEALED_FOR as SEALED_FOR_IDENTITY
from ecosystem.services.clock import SystemClock
from ecosystem.services.commissions import Commissions
from ecosystem.services.contract_emails import ContractEmails
from ecosystem.services.conversations import Conversations
from ecosystem.services.departures import Departures
from ecosystem.services.departures.feed import CalendarFeeds
from ecosystem.services.disputes import Accesses, Answering, Following
from ecosystem.services.documents.desk import Documents
from ecosystem.services.exchange import Exchange
from ecosystem.services.exports import Exports
from ecosystem.services.finder import Finder
from ecosystem.services.health import Health, Probe
from ecosystem.services.holds import Holds
from ecosystem.services.idempotency import Idempotency
from ecosystem.services.imports import DepartureJudge, Imports, ImportWork, PackageJudge
from ecosystem.services.inbox import RECENT_EVENTS, Inbox
from ecosystem.services.invitations import SEALED_FOR, Invitations
from ecosystem.services.joining import Joining
from ecosystem.services.ledger_checks import LedgerChecks
from ecosystem.services.marketplace import (
    DatabaseReads,
    Marketplace,
    ModelReads,
    ReadModelCheck,
    ReadModelKeeping,
)
from ecosystem.services.message_emails import MessageEmails
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
from ecosystem.services.payout_emails import PayoutEmails
from ecosystem.services.payouts import Payouts
from ecosystem.services.places import Places
from ecosystem.services.ports import Clock
from ecosystem.services.quotes import Quotes
from ecosystem.services.quotes.papers import QuotePapers
from ecosystem.services.readers import Readers
from ecosystem.services.refunds import Refunds
from ecosystem.services.reports import Reports
from ecosystem.services.reviews import Ratings, ReviewKeys, Reviews, TripsOver
from ecosystem.services.saved import Saved
from ecosystem.services.search import Search
from ecosystem.services.search_index import SearchIndex
from ecosystem.services.sessions import Sessions
from ecosystem.services.sign_in import SignIn
from ecosystem.services.sign_in_blocks import SignInBlocks
from ecosystem.services.sign_in_moves import SignInMoves
from ecosystem.services.sitemap import Sitemap
from ecosystem.services.statements import Statements
from ecosystem.services.team_emails import TeamEmails
from ecosystem.services.transfers import Transfers
from ecosystem.services.travellers import NameReminders, TravellerLists, Travellers
from ecosystem.services.worker import Duty, Worker
from ecosystem.settings import Settings, load
from ecosystem.wiring.moving import moving_duties
from ecosystem.wiring.services import Services
from ecosystem.wiring.vendors import connect, stripe_connect


def build(settings: Settings, **overrides: Any) -> Services:
    """Put the product together.

    ``overrides`` replace a part by its name here: ``clock database stripe mail
    cognito supabase files scanner read_model rates`` or any service, for tests.
    """
    region, endpoint = settings.aws_region, settings.aws_endpoint_url
    clock: Clock = overrides.get("clock") or SystemClock()
    database = overrides.get("database") or connect(settings)
    stripe = overrides.get("stripe") or stripe_connect(settings)
    mail = overrides.get("mail") or Ses(region, settings.ses_sender, endpoint)
    files = overrides.get("files") or S3(region, settings.s3_bucket_name, endpoint)
    read_model = overrides.get("read_model") or DynamoDb(
        region, settings.dynamodb_table_name, endpoint
    )
    cognito = overrides.get("cognito") or Cognito(
        region, settings.aws_cognito_user_pool_id, settings.aws_cognito_client_id, endpoint
    )
    scanner = overrides.get("scanner") or DocumentScanner(files)
    if settings.document_scanner == "guardduty":
        scanner = GuardDuty(files, scanner)
    supabase = overrides.get("supabase") or SupabaseAuth(
        settings.supabase_url,
        settings.supabase_anon_key.get_secret_value(),
        settings.supabase_service_role_key.get_secret_value(),
    )

    catalogue = overrides.get("catalogue") or Catalogue(database, clock)
    editor = PackageEditor(database, catalogue, clock)
    places, departures = Places(), Departures(database, clock)
    import_work = ImportWork(
        database,
        files,
        clock,
        {
            "packages": PackageJudge(database, editor, places),
            "departures": DepartureJudge(database, departures, places, clock),
        },
    )
    holds = overrides.get("holds") or Holds(database, catalogue, clock)
    payments = Payments(database, stripe, clock, settings.origin)
    bookings = Bookings(database, catalogue, payments, clock)
    operator_bookings = OperatorBookings(database, bookings, clock)
    quotes = Quotes(database, catalogue, payments, clock, settings.origin)
    agency_logos = AgencyLogos(database, files)
    message_emails = MessageEmails(database, mail, settings.origin)
    changes = Changes(database, catalogue, payments, clock)
    balances = Balances(database, payments, changes, clock)
    payouts = Payouts(database, stripe, clock, settings.origin)
    dispute_watch = Following(database, stripe, payments, clock, settings.origin)
    refunds = Refunds(database, stripe, clock)
    transfers = Transfers(database, stripe, clock)
    idempotency = Idempotency(database, clock)
    inbox = Inbox(database, stripe, payments, payouts, dispute_watch, refunds, transfers, clock)
    pictures = PackagePictures(database, files, clock)
    ratings = Ratings(database)
    review_keys = ReviewKeys(settings.session_secret.get_secret_value())
    sessions = Sessions(database, clock, settings.session_secret.get_secret_value())
    api_keys = ApiKeys(database, clock)
    accounts = Accounts(cognito)
    moves = SignInMoves(database, cognito, accounts, supabase, on=settings.sign_in_moves == "on")
    sign_in = SignIn(database, sessions, cognito, supabase, cognito, api_keys, clock, moves)
    identity_sealer = sign_in.sealer(SEALED_FOR_IDENTITY)
    invitations = Invitations(database, sign_in.sealer(SEALED_FOR), clock)
    team = OperatorTeam(database, sign_in, invitations, api_keys, clock)
    agency_team = AgencyTeam(database, sign_in, invitations, api_keys, clock)
    joining = Joining(invitations, {"operator": team, "agency": agency_team})
    team_emails = TeamEmails(joining, sign_in, mail, clock, settings.origin)
    ledger_checks = LedgerChecks(database, stripe, clock)
    payout_emails = PayoutEmails(database, mail, settings.origin)
    outbox = Outbox(
        database,
        {
            "files.delete": pictures.delete_files,
            ERASE: eraser(files),
            "email.team_invitation": team_emails.invitation,
            "operator.hand_over": team.hand_over,
            "email.agency_verification": AgencyEmails(database, mail, settings.origin).decided,
            "email.contract": ContractEmails(database, mail, settings.origin).changed,
            "email.messages": message_emails.messages,
            **emails.handlers(
                database, mail, settings.origin, settings.operations_address, review_keys.of
            ),
            "email.payouts_changed": payout_emails.changed,
            "email.payout_failed": payout_emails.failed,
            "payout_account.look": lambda payload: payouts.look(payload["account"]),
            "refund.carry_out": refunds.carry_out,
            "transfer.send": transfers.send,
            "reversal.carry_out": transfers.reverse,
            "rating.package": ratings.package,
            "rating.operator": ratings.operator,
        },
        clock,
    )
    document_checking = Checking(database, files, scanner, clock)
    search_index = SearchIndex(database, clock)
    keeping = ReadModelKeeping(database, read_model, clock)
    saved = Saved(database, clock)
    trips_over = TripsOver(database, clock)
    exchange = Exchange(database, overrides.get("rates") or Ecb(settings.rates_address), clock)
    search = Search(database, exchange, clock, places)
    desk = OperatorDesk(database, catalogue, clock)
    clients = Clients(database, clock)
    operator_terms = OperatorTerms(database)
    agencies = AgencyProfiles(database, clock)
    health = Health(
        database,
        (
            Probe("rds", lambda: database.ping(RDS), needed=True),
            Probe("supabase", lambda: database.ping(SUPABASE), needed=True),
            Probe("cognito", cognito.ping, needed=True),
            Probe("supabase_auth", supabase.ping, needed=True),
            Probe("stripe", stripe.ping, needed=True),
            Probe("email", mail.ping, needed=False),
            Probe("files", files.ping, needed=False),
            Probe("read_model", read_model.ping, needed=False),
        ),
    )
    account_moves = AccountMoves(database, accounts)
    read_model_check = ReadModelCheck(database, read_model, clock)
    return Services(
        settings=settings,
        database=database,
        clock=clock,
        catalogue=catalogue,
        search=search,
        search_index=search_index,
        sitemap=Sitemap(database),
        holds=holds,
        bookings=bookings,
        marketplace=Marketplace(
            DatabaseReads(database),
            bookings,
            clock,
            model=ModelReads(read_model) if settings.marketplace_reads == "dynamodb" else None,
            built=keeping.built,
        ),
        read_model=keeping,
        read_model_check=read_model_check,
        operator_bookings=operator_bookings,
        quotes=quotes,
        travellers=Travellers(database, clock),
        traveller_lists=TravellerLists(database, clock),
        pay_links=PayLinks(database, clock),
        agency_logos=agency_logos,
        quote_papers=QuotePapers(database, agency_logos, settings.origin),
        overview=Overview(database, operator_bookings, clock),
        payments=payments,
        changes=changes,
        desk=desk,
        editor=editor,
        own_packages=OwnPackages(database, clock),
        places=places,
        imports=Imports(database, files, clock, import_work),
        exports=Exports(database, departures, clock),
        departures=departures,
        conversations=Conversations(database, clock),
        calendar_feeds=CalendarFeeds(database, clock, settings.origin),
        pictures=pictures,
        picture_files=PictureFiles(database, files, clock),
        agency_desk=AgencyDesk(database, clock),
        clients=clients,
        client_documents=IdentityDocuments(database, identity_sealer, clock),
        client_merging=ClientMerging(database, clock),
        client_rights=ClientRights(database, identity_sealer, clock),
        client_sheets=ClientSheets(database, files, clock),
        documents=Documents(database, settings.origin),
        agency_documents=AgencyDocuments(database, files, document_checking, clock),
        document_shares=DocumentShares(database, sign_in.sealer(SEALED_FOR_SHARES), clock),
        document_checking=document_checking,
        statements=Statements(database, clock),
        balances=balances,
        payouts=payouts,
        operator_terms=operator_terms,
        exchange=exchange,
        saved=saved,
        reviews=Reviews(database, clock, review_keys),
        trips_over=trips_over,
        ops_desk=OpsDesk(database, health),
        disputes=Answering(database, stripe, dispute_watch, clock),
        dispute_watch=dispute_watch,
        refunds=refunds,
        transfers=transfers,
        ledger_checks=ledger_checks,
        commissions=Commissions(database, clock),
        reports=Reports(database, clock),
        accesses=Accesses(database, clock),
        messages=Messages(database, clock),
        adjusting=Adjusting(database, clock),
        stuck=Stuck(database, payments, clock),
        trail=Trail(database),
        sessions=sessions,
        readers=Readers(database),
        sign_in=sign_in,
        account_moves=account_moves,
        moving=MovingDesk(database, clock, sink=bool(settings.dynamodb_table_name)),
        team=team,
        agency_team=agency_team,
        agencies=agencies,
        agency_contracts=AgencyContracts(database, clock),
        agency_offers=AgencyOffers(database, clock),
        finder=Finder(bookings, clients, quotes, search, desk, operator_terms, agencies),
        joining=joining,
        api_keys=api_keys,
        profiles=OperatorProfiles(database),
        inbox=inbox,
        outbox=outbox,
        idempotency=idempotency,
        health=health,
        worker=Worker(
            (
                Duty("inbox", inbox.step, every=0.5, threads=3),
                Duty("outbox", outbox.step, every=0.5),
                Duty("search", search_index.step, every=0.5),
                Duty("marketplace", keeping.step, every=0.5),
                *moving_duties(
                    settings,
                    database,
                    clock,
                    account_moves,
                    (keeping, read_model_check) if settings.dynamodb_table_name else None,
                ),
                Duty("missed_events", lambda: inbox.catch_up(RECENT_EVENTS), 60, greedy=False),
                Duty("reconcile", payments.reconcile, every=30, greedy=False),
                Duty("refunds", refunds.reconcile, every=60, greedy=False),
                Duty("transfers_due", transfers.step, every=60),
                Duty("transfers", transfers.reconcile, every=60, greedy=False),
                Duty("ledger_checks", ledger_checks.step, every=60, greedy=False),
                Duty("disputes", dispute_watch.step, every=300, greedy=False),
                Duty("date_changes", changes.step, every=30, greedy=False),
                Duty("trips_over", trips_over.complete, every=60),
                Duty("reviews", trips_over.reveal, every=60),
                Duty("exchange_rates", exchange.step, every=60, greedy=False),
                Duty("balances", balances.step, every=300),
                Duty("names", NameReminders(database, clock).step, every=900),
                Duty("payout_accounts", payouts.look_again, every=60),
                Duty("tidy", holds.tidy, every=60),
                Duty("old_quotes", quotes.expire, every=600),
                Duty("quotes_ending", quotes.remind, every=900),
                Duty("open_changes", editor.repair, every=30, greedy=False),
                Duty("imports", import_work.step, every=1),
                Duty("old_imports", import_work.remove_old, every=3600),
                Duty("old_guests", saved.tidy, every=3600, greedy=False),
                Duty("pictures", pictures.tidy, every=600),
                Duty("documents", document_checking.step, every=5),
                Duty("blocks", SignInBlocks(database, accounts, sessions).step, every=10),
                Duty("old_answers", idempotency.remove_old, every=3600),
                Duty("old_sessions", sessions.remove_old, every=3600, greedy=False),
            )
        ),
    )


_installed: list[Services] = []
_installing = threading.Lock()


def services() -> Services:
    """The services of this process, put together at the first call."""
    if not _installed:
        with _installing:
            if not _installed:
                _installed.append(build(load()))
    return _installed[0]


def install(made: Services) -> None:
    """Let ``services`` answer with these: a process that was put together otherwise."""
    _installed[:] = [made]


__all__ = ["Services", "build", "install", "services"]
