"""Tags: what kind of trip it is. Operators write what they like; the usual ones are translated."""

from functools import lru_cache

from ecosystem.domain.language import LANGUAGES, N_, _, speaking

_USUAL = {
    word.lower(): word
    for word in (
        N_("Adventure"),
        N_("Architecture"),
        N_("Art"),
        N_("Autumn"),
        N_("Beach"),
        N_("Castles"),
        N_("Christmas markets"),
        N_("City"),
        N_("Coast"),
        N_("Coffee"),
        N_("Culture"),
        N_("Cycling"),
        N_("Desert"),
        N_("Design"),
        N_("Family"),
        N_("Ferry"),
        N_("Festivals"),
        N_("Food"),
        N_("Gardens"),
        N_("Hiking"),
        N_("History"),
        N_("Islands"),
        N_("Lakes"),
        N_("Literature"),
        N_("Luxury"),
        N_("Markets"),
        N_("Mountains"),
        N_("Music"),
        N_("Nature"),
        N_("Northern lights"),
        N_("Pilgrim"),
        N_("Rail"),
        N_("River"),
        N_("Road"),
        N_("Safari"),
        N_("Spa"),
        N_("Tea"),
        N_("Temples"),
        N_("Walking"),
        N_("Whisky"),
        N_("Wildlife"),
        N_("Wine"),
        N_("Winter"),
    )
}


def tag_label(tag: str) -> str:
    """A tag as a word that stands alone, in the reader's language if it is a usual one."""
    words = " ".join(tag.replace("-", " ").split())
    usual = _USUAL.get(words.lower())
    return words[:1].upper() + words[1:] if usual is None else _(usual)


@lru_cache(maxsize=10_000)
def names_of(tag: str) -> tuple[str, ...]:
    """The tag as it was written, and what each of the product's languages calls it."""
    found = {tag.casefold(): tag}
    for code in LANGUAGES:
        with speaking(code):
            label = tag_label(tag)
        found.setdefault(label.casefold(), label)
    return tuple(found.values())
