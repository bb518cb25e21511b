"""The words that people see for what the database keeps: bands, states, reasons, channels, languages."""

from typing import Final

BANDS: Final = {
    ("nps", "low"): "detractor",
    ("nps", "neutral"): "passive",
    ("nps", "high"): "promoter",
    ("csat", "low"): "unhappy",
    ("csat", "neutral"): "neutral",
    ("csat", "high"): "happy",
    ("ces", "low"): "hard",
    ("ces", "neutral"): "neutral",
    ("ces", "high"): "easy",
}
LIGHTS: Final = {"low": "🔴", "neutral": "🟡", "high": "🟢"}
METRICS: Final = {"nps": "NPS", "csat": "CSAT", "ces": "CES"}
URGENCIES: Final = {"low": "Low", "normal": "Normal", "high": "⬆️ High", "urgent": "🚨 Urgent"}
STATES: Final = {"new": "new", "working": "working", "ready": "ready", "told": "told", "excused": "excused"}
ROOT_CAUSES: Final = {
    "people": "People",
    "process": "Process",
    "product": "Product",
    "policy": "Policy",
    "other": "Other",
}
EXCUSES: Final = {
    "unreachable": "unreachable",
    "opted_out": "opted out",
    "not_to_contact": "asked not to be contacted",
    "duplicate": "a duplicate",
    "not_a_complaint": "not a complaint",
    "anonymous": "anonymous, so nobody can be told",
}
BY_CHANNEL: Final = {
    "email": "by e-mail",
    "phone": "by phone",
    "meeting": "in a meeting",
    "chat": "by chat",
    "other": "in another way",
}
ORDINALS: Final = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
SOURCES: Final = {"generic": "Webhook", "csv": "Import", "hand": "logged by hand"}
LANGUAGES: Final = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def language_name(tag: str | None) -> str:
    """Return "German" for "de", "de-AT" and "de_AT"; a language that we don't know keeps its tag."""
    key = (tag or "").replace("_", "-").lower()
    return LANGUAGES.get(key.partition("-")[0], tag or "")
