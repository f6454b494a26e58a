"""Opaque public identifiers."""

import secrets

# Without 0/O, 1/I/L, 2/Z, 5/S, 8/B: read aloud at a counter and typed from paper.
ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"


def new_code() -> str:
    """Ten characters, 46 bits: not to be guessed within a limited number of tries."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def typed_code(text: str) -> str:
    """What a person typed or dictated, as it stands in the database."""
    return "".join(character for character in text.upper() if character.isalnum())
