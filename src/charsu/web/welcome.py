"""The pages outside the shell: signing in, the first run, and what went wrong.

They only draw. Checking a password and making an account are operations of their own.
"""

from http import HTTPStatus
from typing import Any

from litestar import Request, Response, Router, post
from litestar.exceptions import ValidationException
from litestar.response import Redirect
from msgspec import Struct

from charsu.kernel.access.passwords import LENGTH_MAX, LENGTH_MIN
from charsu.language import LANGUAGES
from charsu.web.look import LANGUAGE_COOKIE, page

YEAR_SECONDS = 365 * 24 * 3600


class SignInForm(Struct, frozen=True, kw_only=True):
    """What the sign-in page shows again after a refusal; never the password.

    problem   a sentence in the reader's language
    next      where to go afterwards: a path of our own, see ``own_path``
    """

    email: str = ""
    next: str = "/overview"
    problem: str = ""


class FirstRunForm(Struct, frozen=True, kw_only=True):
    """What the first-run page shows; it makes the first account of an empty shop.

    asks_code   whether the code printed at the start is asked for
    """

    name: str = ""
    email: str = ""
    code: str = ""
    problem: str = ""
    asks_code: bool = True
    password_length_min: int = LENGTH_MIN
    password_length_max: int = LENGTH_MAX


class Trouble(Struct, frozen=True, kw_only=True):
    """Why a page cannot be shown, in sentences in the reader's language.

    reference   what finds it in the logs; empty where there is nothing to find
    """

    status: HTTPStatus
    title: str
    text: str
    reference: str = ""


def sign_in_page(request: Request[Any, Any, Any], form: SignInForm) -> Response[str]:
    """The form posts ``email``, ``password`` and ``next`` to ``/sign-in``."""
    return page(request, "sign_in.html", form=form, status=422 if form.problem else 200)


def first_run_page(request: Request[Any, Any, Any], form: FirstRunForm) -> Response[str]:
    """The form posts ``name``, ``email``, ``password`` and perhaps ``code`` to ``/welcome``."""
    return page(request, "first_run.html", form=form, status=422 if form.problem else 200)


def error_page(request: Request[Any, Any, Any], trouble: Trouble) -> Response[str]:
    """The page that stands in for the one that could not be shown."""
    return page(request, "error.html", trouble=trouble, status=int(trouble.status))


def own_path(address: str | None) -> str:
    """The address if it is a path of ours, else the overview: nobody is led to another site.

    Browsers read a backslash as a slash and drop tabs and line ends, hence the strictness.
    """
    if not address or not address.startswith("/") or not address.isprintable():
        return "/overview"
    return "/overview" if address.startswith("//") or "\\" in address else address


def preferences_router() -> Router:
    """``POST /preferences/language`` keeps the language on this device and goes back."""
    return Router("/preferences", route_handlers=[_choose_language], include_in_schema=False)


@post("/language")
async def _choose_language(request: Request[Any, Any, Any]) -> Redirect:
    form = await request.form()
    language = form.get("language")
    if language not in LANGUAGES:
        raise ValidationException("language is not one of those kept")
    back = Redirect(own_path(form.get("next")), status_code=303)
    back.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, samesite="lax", httponly=True)
    return back
