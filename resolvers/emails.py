"""Email addresses: one spelling for one mailbox."""

from __future__ import annotations

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from errors import InvalidInputError

LONGEST_EMAIL = 320
SPECIAL_USE_DOMAIN_NAMES.clear()  # no mail is sent: people inside a company, or trying things out, may use such names


def normal(email: str) -> str:
    """Letters in lower case, the domain as its owner would type it.

    Raises:
        InvalidInputError: It is no address.
    """
    if len(email) > LONGEST_EMAIL:  # first of all: validating a long one takes minutes
        raise InvalidInputError(f"An email address has at most {LONGEST_EMAIL} characters.", "email")
    try:
        checked = validate_email(email.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise InvalidInputError("This is not an email address.", "email") from error
    return checked.normalized.casefold()


def sought(email: str) -> str:
    """What to look for when somebody says that this is their address: its normal form, or what nobody has."""
    try:
        return normal(email)
    except InvalidInputError:
        return email[: LONGEST_EMAIL + 1]
