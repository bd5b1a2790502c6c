"""``python -m charsu.reference``: write the pages, the catalogs, or the figures of a bench run."""

import sys
from pathlib import Path

from charsu.reference.catalogs import bring_up_to_date
from charsu.reference.pages import pages
from charsu.reference.performance import with_figures

DOCS = Path("docs")
LOCALES = Path("src/charsu/locales")
USAGE = """\
python -m charsu.reference                     write docs/reference
python -m charsu.reference catalogs            bring the catalogs of sentences up to date
python -m charsu.reference performance FILE    put the results of `charsu bench --json FILE`
                                               into docs/performance.md
"""


def main(arguments: list[str]) -> int:
    """Do what the arguments ask for, in the clone that is the current folder."""
    match arguments:
        case []:
            _write_pages(DOCS / "reference")
        case ["catalogs"]:
            for language, lacking in bring_up_to_date(LOCALES).items():
                sys.stdout.write(f"{language}: {lacking} sentences to translate\n")
        case ["performance", file]:
            page = DOCS / "performance.md"
            page.write_text(with_figures(page.read_text(), Path(file).read_bytes()))
        case _:
            sys.stderr.write(USAGE)
            return 2
    return 0


def _write_pages(folder: Path) -> None:
    """Write every page, and take away those that are no longer made."""
    made = pages()
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in folder.rglob("*.md"):
        if path.relative_to(folder).as_posix() not in made:
            path.unlink()


sys.exit(main(sys.argv[1:]))
