"""Finds words that are spelled almost like another word."""

from typing import Final

_MIN_LETTERS: Final = 4
_LONG_WORD: Final = 6  # letters, of a word that may have two mistakes
_MIN_PREFIX: Final = 4


def allow_distance(word: str) -> int:
    """Return the number of mistakes that a word may have. Short words may have none, because too many are similar."""
    return 0 if len(word) < _MIN_LETTERS else 1 if len(word) < _LONG_WORD else 2


def find_similar(word: str, words: dict[str, list[str]]) -> list[str]:
    """Return the words that begin with a word, or that have few mistakes compared with it. The best ones are first.

    Args:
        word: The word.
        words: The words to compare with, by their first letters. Only those with the same first letter, or whose first
            two letters are exchanged, are compared.
    """
    limit = allow_distance(word)
    if not limit:
        return []
    candidates = {*words.get(word[0], ()), *(each for each in words.get(word[1], ()) if each[1:2] == word[0])}
    letters = {*word}
    near = [
        each
        for each in candidates
        if abs(len(each) - len(word)) <= limit and len(letters.symmetric_difference(each)) <= 2 * limit
    ]
    distances = {each: measure_distance(word, each, limit) for each in near}
    longer = [each for each in candidates if len(word) >= _MIN_PREFIX and each.startswith(word)]
    distances |= {each: 1 for each in longer if distances.get(each, limit + 1) > limit}
    return sorted((each for each in distances if distances[each] <= limit), key=lambda each: (distances[each], each))


def measure_distance(one: str, other: str, limit: int) -> int:
    """Return the number of letters to insert, remove, replace or exchange with a neighbour, or a number over the limit.

    This is the optimal string alignment distance.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, expected in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != expected))
            if earlier and j > 1 and letter == other[j - 2] and expected == one[i - 2]:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
    return row[-1]
