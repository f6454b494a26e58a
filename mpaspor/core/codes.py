"""Opaque public identifiers."""

import secrets

# Without 0/O, 1/I/L, 2/Z, 5/S, 8/B: read aloud at a counter and typed from paper.
ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
PAIRS_IN_CODE = 5
CODES = len(PAIRS) ** PAIRS_IN_CODE


def new_code() -> str:
    """Ten characters, 46 bits: not to be guessed within a limited number of tries."""
    number, pairs = secrets.randbelow(CODES), []
    for _ in range(PAIRS_IN_CODE):
        number, pair = divmod(number, len(PAIRS))
        pairs.append(PAIRS[pair])
    return "".join(pairs)


def typed_code(text: str) -> str:
    """What a person typed or dictated, as it stands in the database."""
    return "".join(character for character in text.upper() if character.isalnum())
