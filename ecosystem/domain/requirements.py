"""What Stripe asks of a connected account, in words for the person who has to bring it. Pure.

Stripe names fields: ``individual.dob.day``, ``company.tax_id``, ``person_1Abc.verification.document``
(https://docs.stripe.com/api/accounts/object, requirements).
"""

import re
from collections.abc import Iterable

_WORDS = {
    "external_account": "A bank account",
    "tos_acceptance": "Your agreement to Stripe's terms",
    "business_profile": "What your business does",
    "business_profile.url": "The address of your website",
    "business_profile.mcc": "The trade you are in",
    "business_profile.product_description": "What you sell, in a few words",
    "business_profile.support_phone": "A phone number for your customers",
    "business_type": "Whether you are a company or a person",
    "company": "Details of your company",
    "company.name": "The legal name of your company",
    "company.address": "The address of your company",
    "company.phone": "A phone number of your company",
    "company.tax_id": "The tax number of your company",
    "company.vat_id": "The VAT number of your company",
    "company.registration_number": "The registration number of your company",
    "company.verification": "A document about your company, such as an extract of the register",
    "company.owners_provided": "Whether all owners are named",
    "company.directors_provided": "Whether all directors are named",
    "company.executives_provided": "Whether everybody in charge is named",
    "documents": "A document",
    "documents.bank_account_ownership_verification": "A statement of your bank account",
    "person": "Details of the person in charge",
    "person.first_name": "The full name of the person in charge",
    "person.last_name": "The full name of the person in charge",
    "person.dob": "The birth date of the person in charge",
    "person.address": "The home address of the person in charge",
    "person.email": "An e-mail address of the person in charge",
    "person.phone": "A phone number of the person in charge",
    "person.id_number": "The personal tax or identity number of the person in charge",
    "person.ssn_last_4": "The last four digits of the social security number",
    "person.nationality": "The nationality of the person in charge",
    "person.relationship": "What the person in charge does in the company",
    "person.verification": "A document that proves who the person in charge is",
    "person.verification.additional_document": "A document that proves the home address",
    "person.political_exposure": "Whether the person in charge holds a public office",
    "owners": "Details of the owners",
    "directors": "Details of the directors",
    "executives": "Details of the people in charge",
    "settings": "How payouts are named on your bank statement",
    "interv": "Answers to Stripe's questions about your account",
}
"""A field, or what it begins with; the longest that fits speaks."""

_PERSON = re.compile(r"(?:individual|representative|person_[A-Za-z0-9]+)(?=\.|$)")
_OTHERWISE = "More about you"


def in_words(requirements: Iterable[str]) -> list[str]:
    """What is missing, each thing once, in Stripe's order."""
    return list(dict.fromkeys(_one(name) for name in requirements))


def _one(name: str) -> str:
    if name.startswith("interv_"):
        return _WORDS["interv"]
    parts = _PERSON.sub("person", name, count=1).split(".")
    for length in range(len(parts), 0, -1):
        words = _WORDS.get(".".join(parts[:length]))
        if words is not None:
            return words
    return _OTHERWISE
