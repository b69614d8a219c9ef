"""Languages under their several codes, brought to one form so that they can be compared and stored."""

from types import MappingProxyType

# Languages with two codes of three letters; each pair's first is the one Matroska and most files use.
_PAIRS = (
    "alb sqi", "arm hye", "baq eus", "bur mya", "chi zho", "cze ces", "dut nld", "fre fra", "geo kat", "ger deu",
    "gre ell", "ice isl", "mac mkd", "mao mri", "may msa", "per fas", "rum ron", "slo slk", "tib bod", "wel cym",
)  # fmt: skip
_SAME = MappingProxyType({pair[4:]: pair[:3] for pair in _PAIRS})
_SHORT_PAIRS = (
    "af afr", "am amh", "ar ara", "az aze", "be bel", "bg bul",
    "bn ben", "bo tib", "bs bos", "ca cat", "cs cze", "cy wel",
    "da dan", "de ger", "el gre", "en eng", "eo epo", "es spa",
    "et est", "eu baq", "fa per", "fi fin", "fo fao", "fr fre",
    "ga gle", "gd gla", "gl glg", "gu guj", "ha hau", "he heb",
    "hi hin", "hr hrv", "hu hun", "hy arm", "id ind", "is ice",
    "it ita", "ja jpn", "jv jav", "ka geo", "kk kaz", "km khm",
    "kn kan", "ko kor", "ku kur", "la lat", "lb ltz", "lo lao",
    "lt lit", "lv lav", "mi mao", "mk mac", "ml mal", "mn mon",
    "mr mar", "ms may", "mt mlt", "my bur", "nb nob", "ne nep",
    "nl dut", "nn nno", "no nor", "pa pan", "pl pol", "ps pus",
    "pt por", "ro rum", "ru rus", "sa san", "sd snd", "si sin",
    "sk slo", "sl slv", "so som", "sq alb", "sr srp", "su sun",
    "sv swe", "sw swa", "ta tam", "te tel", "tg tgk", "th tha",
    "tk tuk", "tl tgl", "tr tur", "tt tat", "uk ukr", "ur urd",
    "uz uzb", "vi vie", "xh xho", "yi yid", "yo yor", "zh chi",
    "zu zul",
)  # fmt: skip
_SHORT = MappingProxyType({pair[:2]: pair[3:] for pair in _SHORT_PAIRS})


def normal_language(code: str | None) -> str | None:
    """One form for all codes of a language: `deu`, `de` and `de-AT` all give `ger`. None where the language is not known."""
    if code is None:
        return None
    word = code.casefold().replace("_", "-").strip().partition("-")[0].strip()
    if word in {"", "und", "unknown"}:
        return None
    return _SAME.get(word) or _SHORT.get(word, word)
