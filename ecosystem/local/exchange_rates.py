"""The day's exchange rates as the European Central Bank writes them, made up and always equal.

Nothing outside is asked by a local stack. The shape is that of the bank's own file:
https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml
"""

from datetime import UTC, date, datetime, timedelta

RATES = {
    "USD": "1.0836",
    "JPY": "163.42",
    "CZK": "25.184",
    "DKK": "7.4589",
    "GBP": "0.83415",
    "HUF": "408.35",
    "PLN": "4.3328",
    "RON": "4.9766",
    "SEK": "11.5930",
    "CHF": "0.93520",
    "ISK": "145.30",
    "NOK": "11.6855",
    "TRY": "36.5214",
    "AUD": "1.6382",
    "BRL": "6.1370",
    "CAD": "1.5148",
    "CNY": "7.8419",
    "HKD": "8.4330",
    "IDR": "17210.44",
    "ILS": "4.0310",
    "INR": "91.3875",
    "KRW": "1512.68",
    "MXN": "21.9410",
    "MYR": "4.8220",
    "NZD": "1.8264",
    "PHP": "63.471",
    "SGD": "1.4487",
    "THB": "37.225",
    "ZAR": "19.5230",
}
"""Units for one euro."""


def last_working_day(today: date) -> date:
    """``today``, or the Friday before it: rates are set from Monday to Friday."""
    return today - timedelta(days=max(0, today.weekday() - 4))


def feed(today: date | None = None) -> str:
    """The file of the last working day before or on ``today`` (UTC)."""
    day = last_working_day(today or datetime.now(UTC).date())
    rates = "\n".join(
        f"\t\t\t<Cube currency='{currency}' rate='{rate}'/>" for currency, rate in RATES.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
        ' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">\n'
        "\t<gesmes:subject>Reference rates</gesmes:subject>\n"
        "\t<gesmes:Sender>\n\t\t<gesmes:name>Local stand-in</gesmes:name>\n\t</gesmes:Sender>\n"
        f"\t<Cube>\n\t\t<Cube time='{day.isoformat()}'>\n{rates}\n\t\t</Cube>\n\t</Cube>\n"
        "</gesmes:Envelope>\n"
    )
