"""What people see. ``PAGES`` is the whole list: a page is one line here and one file beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import reflex as rx

from ecosystem.domain.language import ENGLISH, N_, _, language, speaking
from ecosystem.domain.paths import at_a_desk
from ecosystem.pages import (
    checkout,
    compare,
    gallery,
    home,
    join,
    not_found,
    operators,
    packages,
    pay,
    proposal,
    saved,
    search,
    shared_document,
    terms,
    trip,
    trips,
)
from ecosystem.pages.account import (
    account,
    confirm,
    forgot_password,
    second_factor,
    sign_in,
    sign_up,
)
from ecosystem.pages.agent import booking as agent_booking
from ecosystem.pages.agent import bookings as agent_bookings
from ecosystem.pages.agent import client as agent_client
from ecosystem.pages.agent import client_import as agent_client_import
from ecosystem.pages.agent import clients as agent_clients
from ecosystem.pages.agent import commissions as agent_commissions
from ecosystem.pages.agent import contracts as agent_contracts
from ecosystem.pages.agent import document as agent_document
from ecosystem.pages.agent import documents as agent_documents
from ecosystem.pages.agent import profile as agent_profile
from ecosystem.pages.agent import quote as agent_quote
from ecosystem.pages.agent import quotes as agent_quotes
from ecosystem.pages.agent import reports as agent_reports
from ecosystem.pages.agent import search as agent_search
from ecosystem.pages.agent import team as agent_team
from ecosystem.pages.agent import today as agent_today
from ecosystem.pages.components.theme import NAME
from ecosystem.pages.ops import adjustments as ops_adjustments
from ecosystem.pages.ops import agencies as ops_agencies
from ecosystem.pages.ops import audit as ops_audit
from ecosystem.pages.ops import bookings as ops_bookings
from ecosystem.pages.ops import dispute as ops_dispute
from ecosystem.pages.ops import events as ops_events
from ecosystem.pages.ops import health as ops_health
from ecosystem.pages.ops import migration as ops_migration
from ecosystem.pages.ops import operators as ops_operators
from ecosystem.pages.ops import payments as ops_payments
from ecosystem.pages.provider import agencies as provider_agencies
from ecosystem.pages.provider import agency as provider_agency
from ecosystem.pages.provider import booking as provider_booking
from ecosystem.pages.provider import bookings as provider_bookings
from ecosystem.pages.provider import departures as provider_departures
from ecosystem.pages.provider import imports as provider_imports
from ecosystem.pages.provider import overview as provider_overview
from ecosystem.pages.provider import package as provider_package
from ecosystem.pages.provider import package_preview as provider_package_preview
from ecosystem.pages.provider import packages as provider_packages
from ecosystem.pages.provider import payouts as provider_payouts
from ecosystem.pages.provider import profile as provider_profile
from ecosystem.pages.provider import reviews as provider_reviews
from ecosystem.pages.provider import team as provider_team
from ecosystem.state.account.account import AccountState
from ecosystem.state.account.form import AccountFormState
from ecosystem.state.agent.booking import AgentBookingState
from ecosystem.state.agent.bookings import AgentBookingsState
from ecosystem.state.agent.client import AgentClientState
from ecosystem.state.agent.client_import import AgentClientImportState
from ecosystem.state.agent.clients import AgentClientsState
from ecosystem.state.agent.commissions import AgentCommissionsState
from ecosystem.state.agent.contracts import AgentContractsState
from ecosystem.state.agent.document import AgentDocumentState
from ecosystem.state.agent.documents import AgentDocumentsState
from ecosystem.state.agent.profile import AgentProfileState
from ecosystem.state.agent.quote import AgentQuoteState
from ecosystem.state.agent.quotes import AgentQuotesState
from ecosystem.state.agent.reports import AgentReportsState
from ecosystem.state.agent.search import AgentSearchState
from ecosystem.state.agent.team import AgentTeamState
from ecosystem.state.agent.today import AgentTodayState
from ecosystem.state.checkout import CheckoutState
from ecosystem.state.compare import CompareState
from ecosystem.state.desk import DeskState
from ecosystem.state.home import HomeState
from ecosystem.state.join import JoinState
from ecosystem.state.operators import OperatorState
from ecosystem.state.ops.adjustments import OpsAdjustmentsState
from ecosystem.state.ops.agencies import OpsAgenciesState
from ecosystem.state.ops.audit import OpsAuditState
from ecosystem.state.ops.bookings import OpsBookingsState
from ecosystem.state.ops.dispute import OpsDisputeState
from ecosystem.state.ops.events import OpsEventsState
from ecosystem.state.ops.health import OpsHealthState
from ecosystem.state.ops.migration import OpsMigrationState
from ecosystem.state.ops.operators import OpsOperatorsState
from ecosystem.state.ops.payments import OpsPaymentsState
from ecosystem.state.packages import PackageState
from ecosystem.state.pay import PayState
from ecosystem.state.payouts import PayoutsState
from ecosystem.state.proposal import ProposalState
from ecosystem.state.provider.agencies import ProviderAgenciesState
from ecosystem.state.provider.agency import ProviderAgencyState
from ecosystem.state.provider.booking import ProviderBookingState
from ecosystem.state.provider.bookings import ProviderBookingsState
from ecosystem.state.provider.calendar_feed import CalendarFeedState
from ecosystem.state.provider.departures import ProviderDeparturesState
from ecosystem.state.provider.imports import ProviderImportState
from ecosystem.state.provider.overview import ProviderOverviewState
from ecosystem.state.provider.package import ProviderPackageState
from ecosystem.state.provider.package_preview import PackagePreviewState
from ecosystem.state.provider.packages import ProviderPackagesState
from ecosystem.state.provider.profile import ProviderProfileState
from ecosystem.state.provider.reviews import ProviderReviewsState
from ecosystem.state.provider.team import ProviderTeamState
from ecosystem.state.provider.terms import ProviderTermsState
from ecosystem.state.saved import SavedState
from ecosystem.state.search import SearchState
from ecosystem.state.shared_document import SharedDocumentState
from ecosystem.state.statements import StatementsState
from ecosystem.state.team_keys import TeamKeysState
from ecosystem.state.trip import TripState
from ecosystem.state.trips import TripsState


@dataclass(frozen=True)
class Page:
    """One address of the product: what it shows, its tab title, what runs when it opens.

    ``description`` is for search engines; packages and operators get theirs from the server.
    ``subject``: the name of what is shown, empty until it is known; the tab then says it instead
    of the title. A ``<title>`` of its own within the page would lose against this one whenever
    what is shown arrives before the page's script.
    """

    route: str
    component: Callable[[], rx.Component]
    title: str
    on_load: Any = None
    description: str = ""
    subject: rx.Var[Any] | None = None


def desk(state: Any) -> list[Any]:
    """What opens a work page: the foot of its side bar, and the page itself."""
    return [DeskState.open, state.open]


PAGES: tuple[Page, ...] = (
    Page(
        "/",
        home.page,
        "Trips with more than one good city",
        HomeState.open,
        N_(
            "Multi-city hotel trips by verified operators: every night, hotel and price before "
            "you book, and seats that are really there."
        ),
    ),
    Page(
        "/search",
        search.page,
        "Find a trip",
        SearchState.open,
        N_("Search trips through several cities by place, date, price, nights, hotel and board."),
    ),
    Page(
        "/packages/[slug]",
        packages.page,
        "Trip",
        PackageState.open,
        subject=PackageState.view.title,
    ),
    Page(
        "/operators/[slug]",
        operators.page,
        "Operator",
        OperatorState.open,
        subject=OperatorState.name,
    ),
    Page("/checkout/[hold_id]", checkout.page, "Checkout", CheckoutState.open),
    Page("/pay/[token]", pay.page, "Payment", PayState.open),
    Page("/quotes/[token]", proposal.page, "A proposal for you", ProposalState.open),
    Page("/d/[token]", shared_document.page, "A document for you", SharedDocumentState.open),
    Page(
        "/terms",
        terms.page,
        "Terms",
        description=N_("How trips are sold, paid, changed and cancelled on Ecosystem."),
    ),
    Page("/saved", saved.page, "Saved trips", SavedState.open),
    Page("/compare", compare.page, "Compare trips", CompareState.open),
    Page("/trips", trips.page, "My bookings", TripsState.open),
    Page("/trips/[reference]", trip.page, "Your trip", TripState.open),
    Page("/join/[token]", join.page, "An invitation", [AccountFormState.open, JoinState.open]),
    Page("/sign-in", sign_in.page, "Sign in", AccountFormState.open),
    Page("/sign-up", sign_up.page, "Create an account", AccountFormState.open),
    Page("/confirm", confirm.page, "Confirm your address", AccountFormState.open),
    Page("/second-factor", second_factor.page, "One more step", AccountFormState.open),
    Page("/forgot-password", forgot_password.page, "New password", AccountFormState.open),
    Page("/account", account.page, "Your account", AccountState.open),
    Page("/agent", agent_today.page, "Today", desk(AgentTodayState)),
    Page(
        "/agent/clients",
        agent_clients.page,
        "Clients",
        [*desk(AgentClientsState), AgentClientsState.compare],
    ),
    Page(
        "/agent/clients/import",
        agent_client_import.page,
        "Clients in a spreadsheet",
        desk(AgentClientImportState),
    ),
    Page(
        "/agent/clients/[id]",
        agent_client.page,
        "Client",
        desk(AgentClientState),
        subject=AgentClientState.view.name,
    ),
    Page("/agent/quotes", agent_quotes.page, "Proposals", desk(AgentQuotesState)),
    Page("/agent/quotes/[id]", agent_quote.page, "Proposal", desk(AgentQuoteState)),
    Page("/agent/documents", agent_documents.page, "Documents", desk(AgentDocumentsState)),
    Page(
        "/agent/documents/[id]",
        agent_document.page,
        "Document",
        desk(AgentDocumentState),
        subject=AgentDocumentState.view.name,
    ),
    Page("/agent/reports", agent_reports.page, "Reports", desk(AgentReportsState)),
    Page("/agent/search", agent_search.page, "Search trips", desk(AgentSearchState)),
    Page(
        "/agent/team",
        agent_team.page,
        "Team",
        [*desk(AgentTeamState), TeamKeysState.open],
    ),
    Page("/agent/profile", agent_profile.page, "Agency", desk(AgentProfileState)),
    Page("/agent/bookings", agent_bookings.page, "Bookings", desk(AgentBookingsState)),
    Page("/agent/bookings/[reference]", agent_booking.page, "Booking", desk(AgentBookingState)),
    Page(
        "/agent/commissions",
        agent_commissions.page,
        "Commissions",
        [*desk(PayoutsState), AgentCommissionsState.open, StatementsState.open],
    ),
    Page("/agent/contracts", agent_contracts.page, "Contracts", desk(AgentContractsState)),
    Page("/provider", provider_overview.page, "Overview", desk(ProviderOverviewState)),
    Page("/provider/packages", provider_packages.page, "Packages", desk(ProviderPackagesState)),
    Page("/provider/import", provider_imports.page, "Import and export", desk(ProviderImportState)),
    Page("/provider/packages/[id]", provider_package.page, "Package", desk(ProviderPackageState)),
    Page(
        "/provider/packages/[id]/preview",
        provider_package_preview.page,
        "Preview",
        PackagePreviewState.open,
    ),
    Page(
        "/provider/departures",
        provider_departures.page,
        "Departures",
        [*desk(ProviderDeparturesState), CalendarFeedState.open],
    ),
    Page("/provider/bookings", provider_bookings.page, "Bookings", desk(ProviderBookingsState)),
    Page(
        "/provider/bookings/[reference]",
        provider_booking.page,
        "Booking",
        desk(ProviderBookingState),
    ),
    Page("/provider/agencies", provider_agencies.page, "Agencies", desk(ProviderAgenciesState)),
    Page(
        "/provider/agencies/[id]",
        provider_agency.page,
        "Agency",
        desk(ProviderAgencyState),
        subject=ProviderAgencyState.agency.name,
    ),
    Page("/provider/reviews", provider_reviews.page, "Reviews", desk(ProviderReviewsState)),
    Page(
        "/provider/payouts",
        provider_payouts.page,
        "Payouts",
        [*desk(PayoutsState), ProviderTermsState.open, StatementsState.open],
    ),
    Page(
        "/provider/team",
        provider_team.page,
        "Team",
        [*desk(ProviderTeamState), TeamKeysState.open],
    ),
    Page("/provider/profile", provider_profile.page, "Profile", desk(ProviderProfileState)),
    Page("/ops", ops_health.page, "Health", desk(OpsHealthState)),
    Page(
        "/ops/migration",
        ops_migration.page,
        "From Supabase to AWS",
        desk(OpsMigrationState),
    ),
    Page("/ops/bookings", ops_bookings.page, "Bookings", desk(OpsBookingsState)),
    Page("/ops/payments", ops_payments.page, "Payments", desk(OpsPaymentsState)),
    Page("/ops/disputes/[id]", ops_dispute.page, "Dispute", desk(OpsDisputeState)),
    Page("/ops/adjustments", ops_adjustments.page, "Adjustments", desk(OpsAdjustmentsState)),
    Page("/ops/events", ops_events.page, "Messages", desk(OpsEventsState)),
    Page("/ops/audit", ops_audit.page, "Audit log", desk(OpsAuditState)),
    Page("/ops/agencies", ops_agencies.page, "Agencies", desk(OpsAgenciesState)),
    Page("/ops/operators", ops_operators.page, "Operators", desk(OpsOperatorsState)),
    # Compiled with the others, served by local stacks only (static_pages.LOCAL_ONLY_PAGES).
    Page("/_gallery", gallery.page, "Parts"),
    Page("404", not_found.page, "Page not found"),
)


def register(app: rx.App) -> None:
    """Add every page to the app, in the language of this process; work pages in English."""
    for page in PAGES:
        code = ENGLISH.code if at_a_desk(page.route) else language().code
        with speaking(code):
            title = _tab(_(page.title), page.subject)
            description = _(page.description) if page.description else None
        app.add_page(
            _drawn(page, code),
            route=page.route,
            title=title,
            description=description,
            image="/icon.svg",
            on_load=page.on_load,
        )


def _tab(title: str, subject: rx.Var[Any] | None) -> str | rx.Var[Any]:
    if subject is None:
        return f"{title} · {NAME}"
    return rx.cond(subject.to(str) != "", subject.to(str), title).to(str) + f" · {NAME}"


def _drawn(page: Page, code: str) -> Callable[[], rx.Component]:
    # Reflex names what it compiles by the function's own module. Another callable (a partial)
    # would put the parts of all pages into one script, which every page then loads.
    @wraps(page.component)
    def draw() -> rx.Component:
        with speaking(code):
            return page.component()

    return draw
