"""Links that leave the page: a file of the API, an outside address, the way out of a failure."""

import pytest

from ecosystem.pages.components.buttons import anchor
from ecosystem.pages.components.overlay import error_boundary
from ecosystem.state.agent.reports import AgentReportsState
from ecosystem.state.agent.search import AgentSearchState


@pytest.mark.parametrize(
    ("href", "leaves"),
    [("/agent", False), ("/api/x.csv", True), ("https://example.com", True), ("//x.com", True)],
)
def test_an_address_known_when_compiling(href: str, leaves: bool) -> None:
    assert ("reloadDocument:true" in str(anchor("Go", href=href))) is leaves


def test_an_address_that_comes_later_leaves_for_the_api_alone() -> None:
    """The router has no page for a file: its own link would say that there is no such page."""
    for later in (AgentReportsState.view.csv, AgentSearchState.following):
        assert f"reloadDocument:/^\\/api\\//.test({later!s})" in str(anchor("Go", href=later))


def test_the_way_out_of_a_page_that_failed_loads_it_anew() -> None:
    assert "ReactRouterLink" not in str(error_boundary())
