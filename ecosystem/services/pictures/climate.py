"""The climate a cover picture is painted in, from a country and a latitude.

A picture's mood, not meteorology: a country has the climate that travellers picture it in. Where
a country has several, the latitude decides.
"""

import unicodedata
from enum import StrEnum
from functools import cache


class Climate(StrEnum):
    """What a landscape looks like, as far as four ridges and a sky can tell."""

    MEDITERRANEAN = "mediterranean"
    TROPICAL = "tropical"
    DESERT = "desert"
    NORTH = "north"
    ALPINE = "alpine"
    TEMPERATE = "temperate"
    ISLANDS = "islands"
    SAVANNA = "savanna"
    STEPPE = "steppe"


def climate_of(latitude: float | None, country: str | None) -> Climate:
    """The climate for a place; `country` is an ISO 3166 code or an English name, in any case.

    Unknown countries go by latitude alone (degrees, south negative); with neither it is temperate.
    """
    code = _codes().get(_key(country)) if country else None
    if code and latitude is not None and code in _BY_LATITUDE:
        for limit, climate in _BY_LATITUDE[code]:
            if latitude >= limit:
                return climate
    if code:
        return _climates()[code]
    if latitude is None:
        return Climate.TEMPERATE
    away = abs(latitude)
    for limit, climate in _BY_DISTANCE:
        if away >= limit:
            return climate
    return Climate.TROPICAL


_BY_DISTANCE = (
    (56.0, Climate.NORTH),
    (44.5, Climate.TEMPERATE),
    (32.0, Climate.MEDITERRANEAN),
    (22.0, Climate.DESERT),
)

# Countries of several climates: each applies from its latitude northwards, the last one below.
_SOUTH_END = -90.0
_BY_LATITUDE = {
    "AR": (
        (-30, Climate.STEPPE),
        (-38, Climate.SAVANNA),
        (-46, Climate.ALPINE),
        (_SOUTH_END, Climate.NORTH),
    ),
    "AU": (
        (-20, Climate.TROPICAL),
        (-30, Climate.DESERT),
        (-39, Climate.MEDITERRANEAN),
        (_SOUTH_END, Climate.TEMPERATE),
    ),
    "BR": ((-24, Climate.TROPICAL), (_SOUTH_END, Climate.TEMPERATE)),
    "CA": ((54, Climate.NORTH), (48.9, Climate.ALPINE), (_SOUTH_END, Climate.TEMPERATE)),
    "CL": (
        (-29, Climate.DESERT),
        (-37, Climate.MEDITERRANEAN),
        (-45, Climate.ALPINE),
        (_SOUTH_END, Climate.NORTH),
    ),
    "CN": (
        (40.5, Climate.STEPPE),
        (30, Climate.TEMPERATE),
        (26, Climate.ALPINE),
        (_SOUTH_END, Climate.TROPICAL),
    ),
    "DE": ((48.3, Climate.TEMPERATE), (_SOUTH_END, Climate.ALPINE)),
    "FR": ((45.4, Climate.TEMPERATE), (_SOUTH_END, Climate.MEDITERRANEAN)),
    "IN": (
        (30.5, Climate.ALPINE),
        (23.5, Climate.DESERT),
        (20, Climate.SAVANNA),
        (_SOUTH_END, Climate.TROPICAL),
    ),
    "IT": ((45.9, Climate.ALPINE), (_SOUTH_END, Climate.MEDITERRANEAN)),
    "JP": ((41, Climate.NORTH), (30, Climate.TEMPERATE), (_SOUTH_END, Climate.ISLANDS)),
    "MX": ((23, Climate.DESERT), (_SOUTH_END, Climate.TROPICAL)),
    "NZ": ((-40, Climate.TEMPERATE), (_SOUTH_END, Climate.ALPINE)),
    "PT": ((36, Climate.MEDITERRANEAN), (_SOUTH_END, Climate.ISLANDS)),
    "RU": ((55, Climate.NORTH), (_SOUTH_END, Climate.TEMPERATE)),
    "US": (
        (54, Climate.NORTH),
        (42.5, Climate.TEMPERATE),
        (37.2, Climate.SAVANNA),
        (31, Climate.DESERT),
        (_SOUTH_END, Climate.TROPICAL),
    ),
}

_COUNTRIES = {
    Climate.MEDITERRANEAN: """
        AD Andorra; AL Albania; BA Bosnia and Herzegovina; CY Cyprus; ES Spain; FR France;
        GI Gibraltar; GR Greece; HR Croatia; IL Israel; IT Italy; LB Lebanon; MC Monaco;
        ME Montenegro; MK North Macedonia; MT Malta; PS Palestine; PT Portugal; SM San Marino;
        SY Syria; TN Tunisia; TR Türkiye; TR Turkey; VA Vatican City; XK Kosovo""",
    Climate.TROPICAL: """
        BD Bangladesh; BI Burundi; BN Brunei; BO Bolivia; BR Brazil; BZ Belize;
        CD Democratic Republic of the Congo; CF Central African Republic; CG Congo;
        CI Ivory Coast; CI Côte d'Ivoire; CM Cameroon; CO Colombia; CR Costa Rica; EC Ecuador;
        GA Gabon; GF French Guiana; GH Ghana; GN Guinea; GQ Equatorial Guinea; GT Guatemala;
        GW Guinea-Bissau; GY Guyana; HK Hong Kong; HN Honduras; ID Indonesia; KH Cambodia;
        LA Laos; LK Sri Lanka; LR Liberia; MM Myanmar; MO Macao; MX Mexico; MY Malaysia;
        NG Nigeria; NI Nicaragua; PA Panama; PG Papua New Guinea; PH Philippines; RW Rwanda;
        SG Singapore; SL Sierra Leone; SR Suriname; ST São Tomé and Príncipe; SV El Salvador;
        TH Thailand; TL Timor-Leste; TW Taiwan; UG Uganda; VE Venezuela; VN Vietnam;
        VN Viet Nam""",
    Climate.DESERT: """
        AE United Arab Emirates; BH Bahrain; DJ Djibouti; DZ Algeria; EG Egypt;
        EH Western Sahara; ER Eritrea; IQ Iraq; IR Iran; JO Jordan; KW Kuwait; LY Libya;
        MA Morocco; ML Mali; MR Mauritania; NA Namibia; NE Niger; OM Oman; PK Pakistan; QA Qatar;
        SA Saudi Arabia; SD Sudan; SO Somalia; TD Chad; YE Yemen""",
    Climate.NORTH: """
        AX Åland Islands; DK Denmark; EE Estonia; FI Finland; FK Falkland Islands;
        FO Faroe Islands; GL Greenland; IS Iceland; LT Lithuania; LV Latvia; NO Norway; RU Russia;
        SE Sweden; SJ Svalbard and Jan Mayen; AQ Antarctica""",
    Climate.ALPINE: """
        AT Austria; BT Bhutan; CH Switzerland; GE Georgia; LI Liechtenstein; NP Nepal; PE Peru;
        SI Slovenia; TJ Tajikistan; AM Armenia""",
    Climate.TEMPERATE: """
        AZ Azerbaijan; BE Belgium; BG Bulgaria; BY Belarus; CA Canada; CN China; CZ Czechia;
        CZ Czech Republic; DE Germany; GB United Kingdom; GG Guernsey; HU Hungary; IE Ireland;
        IM Isle of Man; JE Jersey; JP Japan; KP North Korea; KR South Korea; LU Luxembourg;
        MD Moldova; NL Netherlands; NL The Netherlands; NZ New Zealand; PL Poland; RO Romania;
        RS Serbia; SK Slovakia; UA Ukraine; US United States; US USA; UY Uruguay;
        GB UK; GB Great Britain""",
    Climate.ISLANDS: """
        AG Antigua and Barbuda; AI Anguilla; AS American Samoa; AW Aruba; BB Barbados;
        BL Saint Barthélemy; BM Bermuda; BQ Bonaire; BS Bahamas; BS The Bahamas; CK Cook Islands;
        CU Cuba; CV Cape Verde; CV Cabo Verde; CW Curaçao; DM Dominica; DO Dominican Republic;
        FJ Fiji; FM Micronesia; GD Grenada; GP Guadeloupe; GU Guam; HT Haiti; JM Jamaica;
        KI Kiribati; KM Comoros; KN Saint Kitts and Nevis; KY Cayman Islands; LC Saint Lucia;
        MF Saint Martin; MH Marshall Islands; MQ Martinique; MU Mauritius; MV Maldives;
        NC New Caledonia; NR Nauru; PF French Polynesia; PR Puerto Rico; PW Palau; RE Réunion;
        SB Solomon Islands; SC Seychelles; SX Sint Maarten; TC Turks and Caicos Islands;
        TO Tonga; TT Trinidad and Tobago; TV Tuvalu; VC Saint Vincent and the Grenadines;
        VG British Virgin Islands; VI U.S. Virgin Islands; VU Vanuatu; WS Samoa; YT Mayotte""",
    Climate.SAVANNA: """
        AO Angola; AU Australia; BF Burkina Faso; BJ Benin; BW Botswana; ET Ethiopia;
        GM Gambia; IN India; KE Kenya; LS Lesotho; MG Madagascar; MW Malawi; MZ Mozambique;
        PY Paraguay; SN Senegal; SS South Sudan; SZ Eswatini; TG Togo; TZ Tanzania;
        ZA South Africa; ZM Zambia; ZW Zimbabwe""",
    Climate.STEPPE: """
        AF Afghanistan; AR Argentina; CL Chile; KG Kyrgyzstan; KZ Kazakhstan; MN Mongolia;
        TM Turkmenistan; UZ Uzbekistan""",
}


@cache
def _codes() -> dict[str, str]:
    """ISO code by code and by name, both as `_key` makes them."""
    codes: dict[str, str] = {}
    for entries in _COUNTRIES.values():
        for entry in entries.split(";"):
            code, name = entry.split(maxsplit=1)
            codes[_key(code)] = codes[_key(name)] = code
    return codes


@cache
def _climates() -> dict[str, Climate]:
    return {
        entry.split(maxsplit=1)[0]: climate
        for climate, entries in _COUNTRIES.items()
        for entry in entries.split(";")
    }


def _key(text: str) -> str:
    """The letters alone, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())
