"""Currencies, minor units, limits and fees as the stand-in applies them.

Sources: https://docs.stripe.com/currencies (zero-decimal and three-decimal currencies, minimum
and maximum charge amounts). The processing fee is ours, chosen to look like a European one.
"""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


ZERO_DECIMAL = _codes("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf")
THREE_DECIMAL = _codes("bhd jod kwd omr tnd")
_TWO_DECIMAL = _codes("""
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad
    cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl
    htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop
    mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar
    sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs wst xcd
    yer zar zmw
    """)
WHOLE_ONLY = _codes("isk ugx")
"""Two-decimal by name, and charged in whole units (https://docs.stripe.com/currencies#special-cases)."""
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | _TWO_DECIMAL

MINIMUM_CHARGE = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500,
    "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50,
    "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300,
    "sgd": 50, "thb": 1000,
}  # fmt: skip
"""Smallest charge per settlement currency, in minor units."""
OTHER_MINIMUM = 50
MAXIMUM_AMOUNT = 99_999_999
"""Eight digits in minor units."""

FEE_BASIS_POINTS = 150
FEE_FIXED = 25
"""Processing fee of a charge: 1.5 % rounded half up, plus 25 minor units."""
DISPUTE_FEE = 1500
"""What a dispute costs in minor units, whoever wins."""
SETTLEMENT_SECONDS = 2 * 24 * 3600
"""How long a charge stays in the pending balance before it is available."""

_SIGNS = {"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥", "chf": "CHF ", "aud": "A$", "cad": "CA$"}


def decimals(currency: str) -> int:
    """How many digits of an amount stand after the decimal point."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def minimum(currency: str) -> int:
    """The smallest amount that can be charged, in minor units."""
    return MINIMUM_CHARGE.get(currency, OTHER_MINIMUM)


def processing_fee(amount: int) -> int:
    """The fee on a charge of ``amount`` minor units, never above the amount itself."""
    return min(amount, (amount * FEE_BASIS_POINTS + 5000) // 10000 + FEE_FIXED)


def words(amount: int, currency: str) -> str:
    """An amount for people: ``129900, "eur"`` → ``€1,299.00``."""
    places = decimals(currency)
    whole, part = divmod(abs(amount), 10**places)
    number = f"{whole:,}" + (f".{part:0{places}d}" if places else "")
    sign = "−" if amount < 0 else ""
    mark = _SIGNS.get(currency, currency.upper() + " ")
    return f"{sign}{mark}{number}"
