"""What the demo data knows of countries: how dear they are and how hotels are called there."""

COST: dict[str, int] = {
    code: level
    for level, codes in {
        62: "IN NP LK LA KH VN MG BO ID PH UZ BA MK AL",
        78: "MA TN EG GE AM TH BG RO GT CO EC PE TR MY MN SN CN CU",
        98: "PL HU CZ SK LT LV EE HR SI PT GR ME CY MT MX BR AR CL UY ZA JO TW",
        124: "ES IT DE KR CR NA KE TZ IE OM",
        152: "FR BE NL AT GB JP AE SG FI SE CA AU NZ LU",
        192: "US CH NO DK IS",
    }.items()
    for code in codes.split()
}
"""What a night with a good hotel, breakfast and transport costs one person, in euros."""

DEFAULT_COST = 110

AREAS: dict[str, str] = {
    code: area
    for area, codes in {
        "italian": "IT MT",
        "spanish": "ES MX GT CR CU CO EC PE BO CL AR UY PH",
        "portuguese": "PT BR",
        "french": "FR BE LU SN MG",
        "german": "DE AT CH",
        "dutch": "NL",
        "nordic": "DK SE NO IS FI",
        "baltic": "LT LV EE",
        "slavic": "PL CZ SK SI HR BA ME MK BG",
        "danube": "HU RO AL",
        "greek": "GR CY",
        "turkish": "TR UZ GE AM MN",
        "english": "GB IE US CA AU NZ ZA",
        "arabic": "MA TN EG JO OM AE",
        "indian": "IN NP LK",
        "japanese": "JP",
        "chinese": "CN TW SG",
        "korean": "KR",
        "tropical": "VN KH LA TH MY ID",
        "african": "TZ KE NA",
    }.items()
    for code in codes.split()
}

_NAMES: dict[str, tuple[str, str]] = {
    "italian": (
        "Hotel {}; Albergo {}; Locanda {}; Palazzo {}; Casa {}",
        (
            "San Teodoro; dei Glicini; al Melograno; Santa Marta; del Pozzo; delle Rondini; Belfiore; "
            "del Cedro; ai Tre Archi; Montalto; della Fonte; San Rocco; la Meridiana; al Vecchio Forno"
        ),
    ),
    "spanish": (
        "Hotel {}; Casa {}; Posada {}; Hospedería {}; Hotel Patio {}",
        (
            "del Naranjo; Santa Lucía; los Olivos; del Aljibe; San Telmo; la Golondrina; el Mirador; "
            "de la Higuera; Tres Fuentes; del Arco; la Buganvilla; del Molino; Valdeflores; San Isidro"
        ),
    ),
    "portuguese": (
        "Hotel {}; Casa {}; Solar {}; Pousada {}",
        (
            "da Ribeira Velha; das Laranjeiras; do Carvalho; Santa Clara; do Mirante; dos Azulejos; "
            "da Fonte Nova; do Loureiro; São Tomé; das Andorinhas; do Cais; da Oliveira"
        ),
    ),
    "french": (
        "Hôtel {}; Maison {}; Logis {}; Hôtel et Jardin {}",
        (
            "des Tilleuls; du Vieux Pont; Saint-Aubin; de la Lanterne; des Remparts; du Lavoir; "
            "Beaurivage; de l'Horloge; des Arcades; du Figuier; Sainte-Odile; la Tourelle; du Passage"
        ),
    ),
    "german": (
        "Hotel {}; Gasthof {}; Haus {}; Hotel am {}",
        (
            "Lindenhof; Alter Speicher; Rosengarten; Mühlbach; Sonnenberg; Kirchplatz; Weißer Hirsch; "
            "Stadttor; Birkenau; Goldener Anker; Seeblick; Kastanienhof; Brunnen; Uferpark"
        ),
    ),
    "dutch": (
        "Hotel {}; Herberg {}; Huis {}",
        (
            "De Linde; Het Witte Paard; Aan de Gracht; De Oude Sluis; De Zwaluw; Het Pakhuis; "
            "De Vuurtoren; Molenzicht; De Tuinkamer; Het Wapen"
        ),
    ),
    "nordic": (
        "Hotel {}; {} Gård; Hotell {}; {} Brygge",
        (
            "Fjordlys; Nordstjernen; Havn; Bjørk; Lindgården; Skärgård; Fyret; Solvik; Aurora Nord; "
            "Ankeret; Granli; Vinterhagen; Sjøboden; Rosenlund"
        ),
    ),
    "baltic": (
        "Hotel {}; {} House; Guesthouse {}",
        (
            "Amber Court; Three Lindens; Old Granary; White Heron; Guild Street; Harbour Gate; "
            "Green Bridge; Merchant's Yard; Castle Meadow; Quiet Square"
        ),
    ),
    "slavic": (
        "Hotel {}; Pension {}; Villa {}; {} Residence",
        (
            "Pod Lipou; Zlatá Hvězda; Stari Most; Bijela Ruža; Jadran; Malina; Kamienica; Orel; "
            "Modrá Brána; Zelena Loza; Pod Zamkiem; Lavanda; Stara Vaga; Tri Kraljice"
        ),
    ),
    "danube": (
        "Hotel {}; Casa {}; {} House; Pensiunea {}",
        "Tisza; Cetății; Tei; Aranyhíd; Merlin; Piața Veche; Gesztenye; Duna; Bradul; Kisvár",
    ),
    "greek": (
        "Hotel {}; {} Suites; Archontiko {}; {} Rooms",
        "Thalassa; Elaia; Kyma; Anemos; Rodia; Galini; Asteria; Petra; Kalypso; Meltemi; Ariadni",
    ),
    "turkish": (
        "{} Konak; Hotel {}; {} Evi; {} Courtyard",
        "Nar; Lale; Mavi Kapı; Çınar; Gül; Kervan; Yıldız; Taş Avlu; Pomegranate; Silk Gate",
    ),
    "english": (
        "The {}; {} House; The {} Inn; {} Lodge",
        (
            "Old Exchange; Sandpiper; Rowan; Harbourmaster; Wren; Cedar Hill; Ferryman; Kingfisher; "
            "Old Post; Heron Quay; Juniper; Saltmarsh; Clock Tower; Larkspur; Millrace; Quarry Bank"
        ),
    ),
    "arabic": (
        "Riad {}; Dar {}; Hotel {}; Beit {}",
        "Yasmina; Zitoun; Noor; el Bahia; Warda; Qamar; el Mina; Salam; Najma; Rayhan; Luban",
    ),
    "indian": (
        "{} Haveli; Hotel {}; {} House; {} Palace",
        (
            "Neem; Kamal; Chandra; Mangala; Lotus Tank; Banyan; Sagar; Peacock Court; Araliya; Nilgiri; "
            "Tamarind; Saffron Gate; Rose Apple; Himal"
        ),
    ),
    "japanese": (
        "Ryokan {}; Hotel {}; {} Machiya; {} no Yado",
        (
            "Matsukaze; Hanamizuki; Tsukimi; Yamabuki; Kawabe; Momiji-an; Asagiri; Fujinoki; Suzume; "
            "Komorebi; Minato; Yukishiro; Aoi; Wakaba"
        ),
    ),
    "chinese": (
        "{} Hotel; {} Courtyard; {} Garden House",
        (
            "Plum Blossom; Jade Bridge; West Gate; Nine Willows; Bamboo Lane; Moon Pavilion; Tea Horse; "
            "Crane; Lantern Street; Old Wharf; Lotus Pond"
        ),
    ),
    "korean": (
        "{} Hanok; Hotel {}; {} Stay",
        "Sonamu; Dalbit; Maehwa; Haneul; Byeolbit; Namu; Gaon; Pureun; Onsaemi; Baram",
    ),
    "tropical": (
        "{} House; Hotel {}; {} Riverside; The {} Garden; {} Villa",
        (
            "Frangipani; Sen; Lotus; Kecapi; Bai Tong; Mekong Lantern; Jasmine Court; Palm Sugar; "
            "Bamboo Bridge; Moonrise; Teak; Pandan; Melati; Star Anise"
        ),
    ),
    "african": (
        "{} Lodge; {} House; {} Camp; Hotel {}",
        "Acacia; Baobab; Mwezi; Jua; Fever Tree; Sandgrouse; Dhow; Weaver; Marula; Karibu; Oryx",
    ),
}

HOTELS: dict[str, tuple[str, ...]] = {
    area: tuple(
        pattern.strip().format(name.strip())
        for pattern in patterns.split(";")
        for name in names.split(";")
    )
    for area, (patterns, names) in _NAMES.items()
}
"""Invented names of hotels by language area."""
