"""The zones (provinces, states) of countries that have them at Shopify.

Data only. A country in WITHOUT_LIST has zones there that are not listed here: a province for it is refused by name.
"""

from __future__ import annotations

_LISTED: dict[str, str] = {
    "US": (
        "AL Alabama|AK Alaska|AS American Samoa|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|"
        "DE Delaware|DC District of Columbia|FM Federated States of Micronesia|FL Florida|GA Georgia|GU Guam|HI Hawaii|"
        "ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MH Marshall Islands|"
        "MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|"
        "NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|"
        "MP Northern Mariana Islands|OH Ohio|OK Oklahoma|OR Oregon|PW Palau|PA Pennsylvania|PR Puerto Rico|"
        "RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|"
        "VI U.S. Virgin Islands|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming|"
        "AA Armed Forces Americas|AE Armed Forces Europe|AP Armed Forces Pacific"
    ),
    "CA": (
        "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|"
        "NT Northwest Territories|NS Nova Scotia|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|"
        "SK Saskatchewan|YT Yukon"
    ),
    "AU": (
        "ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|SA South Australia|"
        "TAS Tasmania|VIC Victoria|WA Western Australia"
    ),
    "GB": "BFP British Forces|ENG England|NIR Northern Ireland|SCT Scotland|WLS Wales",
    "IE": (
        "CW Carlow|CN Cavan|CE Clare|CO Cork|DL Donegal|D Dublin|G Galway|KY Kerry|KE Kildare|KK Kilkenny|LS Laois|"
        "LM Leitrim|LK Limerick|LD Longford|LH Louth|MO Mayo|MH Meath|MN Monaghan|OY Offaly|RN Roscommon|SO Sligo|"
        "TA Tipperary|WD Waterford|WH Westmeath|WX Wexford|WW Wicklow"
    ),
    "NZ": (
        "AUK Auckland|BOP Bay of Plenty|CAN Canterbury|CIT Chatham Islands|GIS Gisborne|HKB Hawke's Bay|"
        "MWT Manawatu-Wanganui|MBH Marlborough|NSN Nelson|NTL Northland|OTA Otago|STL Southland|TKI Taranaki|"
        "TAS Tasman|WKO Waikato|WGN Wellington|WTC West Coast"
    ),
    "MX": (
        "AGS Aguascalientes|BC Baja California|BCS Baja California Sur|CAMP Campeche|CHIS Chiapas|CHIH Chihuahua|"
        "DF Ciudad de M\u00e9xico|COAH Coahuila|COL Colima|DGO Durango|GTO Guanajuato|GRO Guerrero|HGO Hidalgo|"
        "JAL Jalisco|MEX M\u00e9xico|MICH Michoac\u00e1n|MOR Morelos|NAY Nayarit|NL Nuevo Le\u00f3n|OAX Oaxaca|"
        "PUE Puebla|QRO Quer\u00e9taro|Q ROO Quintana Roo|SLP San Luis Potos\u00ed|SIN Sinaloa|SON Sonora|TAB Tabasco|"
        "TAMPS Tamaulipas|TLAX Tlaxcala|VER Veracruz|YUC Yucat\u00e1n|ZAC Zacatecas"
    ),
    "BR": (
        "AC Acre|AL Alagoas|AP Amap\u00e1|AM Amazonas|BA Bahia|CE Cear\u00e1|DF Distrito Federal|"
        "ES Esp\u00edrito Santo|GO Goi\u00e1s|MA Maranh\u00e3o|MT Mato Grosso|MS Mato Grosso do Sul|MG Minas Gerais|"
        "PA Par\u00e1|"
        "PB Para\u00edba|PR Paran\u00e1|PE Pernambuco|PI Piau\u00ed|RJ Rio de Janeiro|RN Rio Grande do Norte|"
        "RS Rio Grande do Sul|RO Rond\u00f4nia|RR Roraima|SC Santa Catarina|SP S\u00e3o Paulo|SE Sergipe|TO Tocantins"
    ),
    "ES": (
        "C A Coru\u00f1a|VI \u00c1lava|AB Albacete|A Alicante|AL Almer\u00eda|O Asturias|AV \u00c1vila|BA Badajoz|"
        "PM Balears|B Barcelona|BU Burgos|CC C\u00e1ceres|CA C\u00e1diz|S Cantabria|CS Castell\u00f3n|CE Ceuta|"
        "CR Ciudad Real|CO C\u00f3rdoba|CU Cuenca|GI Girona|GR Granada|GU Guadalajara|SS Gipuzkoa|H Huelva|HU Huesca|"
        "J Ja\u00e9n|LO La Rioja|GC Las Palmas|LE Le\u00f3n|L Lleida|LU Lugo|M Madrid|MA M\u00e1laga|ML Melilla|"
        "MU Murcia|NA Navarra|OR Ourense|P Palencia|PO Pontevedra|SA Salamanca|TF Santa Cruz de Tenerife|SG Segovia|"
        "SE Sevilla|SO Soria|T Tarragona|TE Teruel|TO Toledo|V Valencia|VA Valladolid|BI Vizcaya|ZA Zamora|Z Zaragoza"
    ),
    "PT": (
        "PT-20 A\u00e7ores|PT-01 Aveiro|PT-02 Beja|PT-03 Braga|PT-04 Bragan\u00e7a|PT-05 Castelo Branco|PT-06 Coimbra|"
        "PT-07 \u00c9vora|PT-08 Faro|PT-09 Guarda|PT-10 Leiria|PT-11 Lisboa|PT-30 Madeira|PT-12 Portalegre|PT-13 Porto|"
        "PT-14 Santar\u00e9m|PT-15 Set\u00fabal|PT-16 Viana do Castelo|PT-17 Vila Real|PT-18 Viseu"
    ),
    "ZA": (
        "EC Eastern Cape|FS Free State|GP Gauteng|NL KwaZulu-Natal|LP Limpopo|MP Mpumalanga|NW North West|"
        "NC Northern Cape|WC Western Cape"
    ),
    "AE": (
        "AZ Abu Dhabi|AJ Ajman|DU Dubai|FU Fujairah|RK Ras al-Khaimah|SH Sharjah|UQ Umm al-Quwain"
    ),
    "HK": "HK Hong Kong Island|KL Kowloon|NT New Territories",
}

# Countries whose zones Shopify keeps and this list does not.
WITHOUT_LIST = frozenset(
    ("AR", "CL", "CN", "CO", "CR", "EG", "GT", "ID", "IN", "IT", "JP", "KR", "KW", "MY", "NG", "PA", "PE", "PH")
) | {"RO", "RU", "SV", "TH", "UY", "VE"}


def _entries(listed: str) -> dict[str, str]:
    pairs = [entry.split(" ", 1) for entry in listed.split("|")]
    # One code of Mexico holds a blank itself.
    return {("Q ROO" if code == "Q" else code): name.removeprefix("ROO ") for code, name in pairs}


ZONES: dict[str, dict[str, str]] = {country: _entries(listed) for country, listed in _LISTED.items()}
