"""The words in ``words.json``: what the till's shorthand means, and invented names."""

from importlib.resources import files

import msgspec


class Words(msgspec.Struct, frozen=True):
    """Lists kept in a file of their own, so that a person can read and mend them."""

    phrases: dict[str, str]  # whole entries of the source, and what they say
    abbreviations: dict[str, str]  # single words of the source
    sizes: dict[str, str]  # units of package sizes
    town_beginnings: tuple[str, ...]  # invented towns are a beginning and an ending
    town_endings: tuple[str, ...]
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]
    streets: tuple[str, ...]


WORDS = msgspec.json.decode(files(__package__).joinpath("words.json").read_bytes(), type=Words)
