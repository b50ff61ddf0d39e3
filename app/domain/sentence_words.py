"""Contains the English words that sentences have besides tags: comparisons, negations, prepositions and others."""

from typing import Final

COMPARISONS: Final = {
    ("at", "least"): ">=",
    ("minimum",): ">=",
    ("no", "fewer", "than"): ">=",
    ("no", "less", "than"): ">=",
    ("not", "less", "than"): ">=",
    ("more", "than"): ">",
    ("over",): ">",
    ("greater", "than"): ">",
    ("at", "most"): "<=",
    ("up", "to"): "<=",
    ("maximum",): "<=",
    ("no", "more", "than"): "<=",
    ("not", "more", "than"): "<=",
    ("less", "than"): "<",
    ("fewer", "than"): "<",
    ("under",): "<",
    ("exactly",): "=",
    ("precisely",): "=",
    ("just",): "=",
    ("only",): "=",
}
"""Words before a number, and the operator that they mean."""

LATER_COMPARISONS: Final = {
    ("or", "more"): ">=",
    ("and", "more"): ">=",
    ("or", "above"): ">=",
    ("and", "up"): ">=",
    ("+",): ">=",
    ("or", "fewer"): "<=",
    ("or", "less"): "<=",
}
"""Words after a number or its tag, and the operator that they mean."""

AMOUNTS: Final = {
    ("a", "couple", "of"): 2,
    ("a", "pair", "of"): 2,
    ("couple", "of"): 2,
    ("pair", "of"): 2,
    ("both",): 2,
    ("two", "of"): 2,
    ("a", "dozen"): 12,
    ("several",): 3,
    ("a", "few"): 3,
    ("many",): 3,
    ("lots", "of"): 3,
    ("a", "lot", "of"): 3,
}
"""Words for a number. For an unknown number of several things, it is 3."""

NEGATIONS: Final = frozenset(
    {
        *("no", "not", "without", "except", "excluding", "minus", "never", "neither", "nor", "lacking", "non"),
        *("isn't", "aren't", "don't", "doesn't", "sans", "!"),
    }
)
NOBODY: Final = frozenset({("no", "one"), ("nobody",), ("no", "body"), ("noone",)})
YOUNG: Final = frozenset({"baby", "newborn"})
"""Words for a person that describe an animal if its name follows."""

AFFIRMATIONS: Final = frozenset({"with", "but", ",", ";", "and/or", "plus"})
"""Words that end a negation."""

PREPOSITIONS: Final = frozenset(
    {
        *("on", "in", "at", "near", "by", "behind", "beside", "next", "inside", "outside", "around", "along", "across"),
        *("into", "onto", "from", "during", "through", "between", "above", "below", "against"),
    }
)
"""Words that end a negation after a negated tag."""

DETERMINERS: Final = frozenset({"a", "an", "the", "his", "her", "their", "your", "this"})
OWN: Final = frozenset({"my", "our"})
WITH_TOOL: Final = frozenset({"from", "by", "using", "via"})
TAKING: Final = frozenset({"taken", "shot", "made", "photographed", "captured"})
PHOTOS: Final = frozenset(
    {
        "photo",
        "photos",
        "picture",
        "pictures",
        "pic",
        "pics",
        "image",
        "images",
        "shot",
        "shots",
        "snapshot",
        "snapshots",
    }
)
"""Words around the name of a device that say that it took the photos, and does not appear in them."""

OR: Final = frozenset({"or", "|", "/", "either"})
AND: Final = frozenset({"and", "&", "+"})

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)

STOP_WORDS: Final = frozenset(
    {
        *NEGATIONS,
        *AFFIRMATIONS,
        *PREPOSITIONS,
        *OR,
        *AND,
        *("a", "an", "the", "this", "that", "these", "those", "some", "any", "all", "every", "each", "one", "ones"),
        *("of", "to", "for", "as", "than", "then", "there", "here", "where", "which", "who", "whose", "what", "when"),
        *("i", "me", "my", "mine", "we", "us", "our", "you", "your", "he", "she", "it", "its", "his", "her", "their"),
        *("is", "are", "was", "were", "be", "been", "being", "am", "has", "have", "had", "having", "do", "does", "did"),
        *("can", "could", "would", "should", "will", "please", "show", "find", "search", "get", "give", "list", "see"),
        *("display", "look", "looking", "want", "need", "like", "let", "contain", "contains", "containing", "include"),
        *(
            "includes",
            "including",
            "photo",
            "photos",
            "photograph",
            "photographs",
            "picture",
            "pictures",
            "pic",
            "pics",
        ),
        *(
            "image",
            "images",
            "snapshot",
            "snapshots",
            "shot",
            "shots",
            "together",
            "also",
            "too",
            "very",
            "more",
            "most",
        ),
        *("less", "least", "few", "lot", "lots", "group", "groups", "number", "bunch", "pair", "couple", "other"),
        *("another", "only", "just", "same", "time", "x", "s", "!", "taken", "up", "over", "under", "while", "they"),
        *("them", "something", "anything", "visible", "everything", "thing", "things"),
    }
)
"""Words that are no tag and need no mention."""

PLACES: Final = frozenset(
    {
        *("beach", "lake", "sea", "street", "city", "town", "park", "garden", "forest", "river", "mountain", "snow"),
        *("mountains", "ocean", "field", "grass", "road", "house", "home", "room", "station", "sky", "water", "sand"),
        *("tree", "trees", "wall", "floor", "village", "school", "shop", "store", "market", "bridge", "island", "sun"),
        *("night", "day", "morning", "evening", "summer", "winter", "spring", "autumn", "rain", "party", "wedding"),
        *(
            "beard",
            "plate",
            "hat",
            "shirt",
            "dress",
            "shoe",
            "shoes",
            "glasses",
            "hair",
            "hand",
            "light",
            "paper",
            "box",
        ),
    }
)
"""Common words that are spelled correctly, so they are not taken for another word, such as beach for bench."""
