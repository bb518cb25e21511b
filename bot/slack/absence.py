"""Whether a status in Slack says that somebody is away: by its emoji, or by whole words in several languages."""

import re
import unicodedata
from typing import Final

# Somebody with one of these beside their name says that they won't answer today. Slack's own suggestions for "on
# vacation" and "out sick" come first. In a meeting, commuting and at home are no absences.
ABSENT: Final = frozenset(
    {
        ":palm_tree:",
        ":face_with_thermometer:",
        ":sick:",
        ":airplane:",
        ":beach_with_umbrella:",
        ":umbrella_on_ground:",
        ":desert_island:",
        ":island:",
        ":camping:",
        ":baby:",
        ":no_entry:",
        ":no_entry_sign:",
        ":zzz:",
    }
)
# Holidays, sick leave, parental leave, out of office. Accents and capitals don't matter, nor do word ends after a *.
_WORDS: Final = (
    # English
    "vacation", "vacationing", "on holiday", "on holidays", "pto", "annual leave", "on leave", "day off", "days off",
    "out of office", "ooo", "sick", "sick leave", "out sick", "parental leave", "maternity leave", "paternity leave",
    "bank holiday", "sabbatical", "bereavement leave",
    # German
    "urlaub", "im urlaub", "ferien", "krank", "krankgeschrieben", "elternzeit", "mutterschutz", "abwesend",
    "nicht im buro", "ausser haus", "betriebsferien",
    # French
    "en vacances", "conge", "conges", "en conge", "rtt", "malade", "arret maladie", "conge parental",
    "conge maternite", "conge paternite", "absent du bureau", "absente du bureau", "absent", "absente",
    # Spanish
    "vacaciones", "de vacaciones", "enfermo", "enferma", "de baja", "baja medica", "baja por enfermedad",
    "permiso parental", "baja por maternidad", "baja por paternidad", "fuera de la oficina", "ausente",
    # Polish
    "urlop", "na urlopie", "wakacje", "chory", "chora", "na zwolnieniu", "zwolnienie lekarskie", "l4",
    "urlop macierzynski", "urlop rodzicielski", "poza biurem", "nieobecny", "nieobecna",
    # Portuguese, Italian, Dutch
    "ferias", "de ferias", "doente", "licenca", "fora do escritorio", "ausencia",
    "in ferie", "ferie", "malattia", "in malattia", "malato", "malata", "congedo", "fuori ufficio", "assente",
    "vakantie", "op vakantie", "ziek", "ziekteverlof", "ouderschapsverlof", "met verlof", "afwezig", "niet op kantoor",
    # Swedish, Danish, Norwegian
    "semester", "pa semester", "sjuk", "foraldraledig", "ferie", "pa ferie", "syg", "syk", "barsel", "permisjon",
)  # fmt: skip
_AWAY: Final = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})(?!\w)")
# "Back from vacation" and "not sick any more" say the opposite.
_BACK: Final = re.compile(
    r"(?<!\w)(?:back from|not|no longer|zuruck|nicht mehr|de retour|retour de|plus|de vuelta|wrocil|wrocilam|"
    r"po urlopie|planning|before|until my|soon)(?!\w)"
)


def says_away(emoji: str, text: str) -> bool:
    """Tell whether a status says that its owner won't answer for a while."""
    plain = _plain(text)
    return emoji in ABSENT or (_AWAY.search(plain) is not None and _BACK.search(plain) is None)


def _plain(text: str) -> str:
    """Return the text in small letters and without accents."""
    split = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ł", "l").replace("Ł", "l").casefold())
    return " ".join("".join(letter for letter in split if not unicodedata.combining(letter)).split())
