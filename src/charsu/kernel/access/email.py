"""One form for every spelling of an e-mail address."""

from email_validator import EmailNotValidError, validate_email

from charsu.kernel.errors import EmailInvalid


def fold_email(email: str) -> str:
    """The address by which an account is found: normalized, letters folded.

    Independent of any language, so that the Turkish and Azerbaijani İ is always the same letter.
    Reserved names (RFC 2606) are allowed. Raises EmailInvalid.
    """
    try:
        found = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as problem:
        raise EmailInvalid from problem
    return found.normalized.casefold()
