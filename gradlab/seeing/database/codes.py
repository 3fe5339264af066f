"""What studies and people are called: drawn from the operating system's randomness, not to be guessed."""

import secrets

# Nothing that is mistaken for another when it is read from a projector (0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V), and no other
# vowels, so that no code is a word.
ALPHABET = "CDFGHJKMNPRTVWXY34679"
LENGTH = 5


def new_code() -> str:
    """A code for a study, one of some four million."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def tidy(code: str) -> str:
    """A code as it is kept, however it was typed: without blanks, in capitals."""
    return "".join(code.split()).upper()


def new_key() -> str:
    """A key for a person: 128 random bits, as 32 hexadecimal digits, which no command line takes for an option."""
    return secrets.token_hex(16)


def new_seed() -> int:
    """From 0 to 2³² − 1."""
    return secrets.randbits(32)


def new_number() -> int:
    """The number that stands for a person in an export; it does not tell who came first."""
    return 100_000 + secrets.randbelow(900_000)
