"""The four models of agency money, as numbers: nobody is paid what is not there."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain.agency_terms import (
    MODELS,
    MOST_MARKUP,
    AgencyModel,
    AgencyTerms,
    Sale,
    sale,
)
from ecosystem.domain.errors import Invalid
from ecosystem.domain.money import Money, step
from ecosystem.domain.split import PLATFORM_PERCENT, split

AGENCY = UUID(int=7)
percents = st.decimals(0, 97, places=2)
markups = st.none() | st.decimals(0, MOST_MARKUP, places=4)
models = st.sampled_from(MODELS)


@given(
    model=models,
    percent=percents,
    markup=markups,
    units=st.integers(0, 10**8),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_parts_sum_and_the_operator_gets_what_was_agreed(
    model: AgencyModel, percent: Decimal, markup: Decimal | None, units: int, currency: str
) -> None:
    public = Money(units * step(currency), currency)
    made = sale(AGENCY, AgencyTerms(model, percent), markup if model == "net" else None)
    charged = public.times(made.factor)
    parts = split(charged, made.commission_percent, by_agency=True)
    assert parts.operator + parts.agency + parts.platform == charged
    assert min(parts.operator.minor, parts.agency.minor, parts.platform.minor) >= 0
    agreed = public.minor * (1 - (percent + PLATFORM_PERCENT) / 100)
    assert parts.operator.minor >= agreed - 2 * step(currency)
    assert Sale.from_json(made.as_json()) == made


@pytest.mark.parametrize(
    ("model", "markup", "charged", "operator", "agency", "platform"),
    [
        ("commission", None, 100_000, 85_000, 12_000, 3_000),
        ("operator_pays_later", None, 100_000, 85_000, 12_000, 3_000),
        ("net", None, 100_000, 85_000, 12_000, 3_000),
        ("net", "0", 88_000, 85_000, 360, 2_640),
        ("net", "25", 110_000, 85_000, 21_700, 3_300),
        ("agency_collects", None, 88_000, 85_360, 0, 2_640),
    ],
)
def test_the_table_of_the_documentation(
    model: AgencyModel,
    markup: str | None,
    charged: int,
    operator: int,
    agency: int,
    platform: int,
) -> None:
    made = sale(
        AGENCY, AgencyTerms(model, Decimal(12)), None if markup is None else Decimal(markup)
    )
    total = Money(100_000, "EUR").times(made.factor)
    parts = split(total, made.commission_percent, by_agency=True)
    found = (total.minor, parts.operator.minor, parts.agency.minor, parts.platform.minor)
    assert found == (charged, operator, agency, platform)


@pytest.mark.parametrize("markup", ["-0.01", "100.0001"])
def test_a_markup_is_within_bounds(markup: str) -> None:
    with pytest.raises(Invalid):
        sale(AGENCY, AgencyTerms("net", Decimal(12)), Decimal(markup))


@pytest.mark.parametrize("model", [model for model in MODELS if model != "net"])
def test_only_a_net_price_carries_a_markup(model: AgencyModel) -> None:
    with pytest.raises(Invalid):
        sale(AGENCY, AgencyTerms(model, Decimal(12)), Decimal(5))
