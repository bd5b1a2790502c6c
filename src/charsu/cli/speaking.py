"""The language of the command line.

``CHARSU_LANGUAGE`` names one of ours, such as ``sr-Latn``; without it the locale decides, as for
any program: ``LC_ALL``, ``LC_MESSAGES``, ``LANG``. What is read by programs stays as it is: JSON,
codes, names of options, and the log. Descriptions of operations are reference, and English.
"""

import gettext
import os
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from charsu.language import FALLBACK, Translation, match, translate

OURS = "CHARSU_LANGUAGE"
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")

HELP = "Show this message and exit."
OF_THE_LIBRARY = (
    HELP,
    "(dynamic)",
    "Aborted!",
    "Aborted.",
    "Arguments",
    "Commands",
    "Error",
    "Missing command.",
    "No such command {name!r}.",
    "Options",
    "Try [blue]'{command_path} {help_option}'[/] for help.",
    "[default: {}]",
    "[env var: {}]",
    "[required]",
)
"""What the library for commands says by itself, as far as it lets others say it."""


def language_of(environment: Mapping[str, str]) -> str:
    """The code of the language that an environment asks for; English where it asks for none."""
    if named := match(environment.get(OURS, "")):
        return named
    locale = next(filter(None, (environment.get(name) for name in LOCALES)), "")
    return _of_locale(locale) or FALLBACK


def _of_locale(name: str) -> str | None:
    """The language of a POSIX locale; plain ``sr_RS`` is Cyrillic there, ``sr_RS@latin`` Latin."""
    plain, _, modifier = name.partition("@")
    tag = plain.partition(".")[0]
    if tag.partition("_")[0].lower() == "sr" and "latn" not in tag.lower():
        return "sr-Latn" if modifier.lower() == "latin" else "sr-Cyrl"
    return match(tag)


@cache
def spoken() -> Translation:
    """Sentences in the language of this process."""
    return translate(language_of(os.environ))


def _(message: str, /, **data: Any) -> str:
    """The sentence in the language of this process, filled in."""
    return spoken()(message, **data)


def plural(one: str, many: str, count: int, /, **data: Any) -> str:
    """The sentence in the form that the language of this process uses with ``count``, filled in."""
    return spoken().plural(one, many, count, **data)


def number(value: int) -> str:
    """The number as the language of this process writes it."""
    return spoken().number(value)


def speak() -> None:
    """Let the library for commands speak our language, too; before it is imported."""
    gettext.gettext = spoken()  # type: ignore[assignment]


def translated(command: Any) -> Any:
    """The command with its help, and that of its options and inner commands, in our language."""
    command.help = _(command.help or "")
    command.get_help_option = partial(_help_option, command.get_help_option)
    for parameter in command.params:
        parameter.help = _(parameter.help or "")
    for inner in getattr(command, "commands", {}).values():
        translated(inner)
    return command


def _help_option(made: Callable[[Any], Any], context: Any) -> Any:
    option = made(context)
    if option is not None:
        option.help = _(HELP)
    return option
