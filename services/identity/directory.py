"""Cognito: who may sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from services.identity.domain import Person
from shared.refusal import Flaw, Invalid, Stale

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

TENANT = "custom:tenant"
ROLES = "custom:roles"


class UserPool:
    """The deployment's one Cognito user pool."""

    def __init__(self, client: CognitoIdentityProviderClient, pool: str) -> None:
        self._client = client
        self._pool = pool

    def tenant_of(self, email: str) -> str | None:
        """Return the organisation whose person has this address, or None.

        A user without an organisation answers an empty word, which no organisation is called.
        """
        try:
            user = self._client.admin_get_user(UserPoolId=self._pool, Username=email)
        except self._client.exceptions.UserNotFoundException:
            return None
        attributes = {a["Name"]: a.get("Value", "") for a in user["UserAttributes"]}
        return attributes.get(TENANT, "")

    def add(self, tenant: str, person: Person, password: str | None) -> None:
        """Create the user; without a password Cognito sends an invitation by mail."""
        attributes = _attributes(tenant, person)
        attributes += [
            {"Name": "email", "Value": person.email},
            {"Name": "email_verified", "Value": "true"},
        ]
        with _refusals(self._client):
            if password is None:
                self._client.admin_create_user(
                    UserPoolId=self._pool,
                    Username=person.email,
                    UserAttributes=attributes,
                    DesiredDeliveryMediums=["EMAIL"],
                )
                return
            # Given here too, so that a bad password leaves no user behind.
            self._client.admin_create_user(
                UserPoolId=self._pool,
                Username=person.email,
                UserAttributes=attributes,
                TemporaryPassword=password,
                MessageAction="SUPPRESS",
            )
            self._settle(person.email, password)

    def change(self, tenant: str, person: Person, password: str | None) -> None:
        """Update the user's attributes, and the password if one is given."""
        with _refusals(self._client):
            if password is not None:
                self._settle(person.email, password)
            self._client.admin_update_user_attributes(
                UserPoolId=self._pool,
                Username=person.email,
                UserAttributes=_attributes(tenant, person),
            )

    def _settle(self, email: str, password: str) -> None:
        self._client.admin_set_user_password(
            UserPoolId=self._pool, Username=email, Password=password, Permanent=True
        )


def _attributes(tenant: str, person: Person) -> list[AttributeTypeTypeDef]:
    return [
        {"Name": "name", "Value": person.name},
        {"Name": "locale", "Value": person.language or "en"},
        {"Name": "zoneinfo", "Value": person.time_zone or "UTC"},
        {"Name": TENANT, "Value": tenant},
        {"Name": ROLES, "Value": " ".join(person.roles)},
    ]


@contextmanager
def _refusals(client: CognitoIdentityProviderClient) -> Iterator[None]:
    """Turn Cognito's refusals into ours; its other errors stay what they are."""
    try:
        yield
    except client.exceptions.InvalidPasswordException as error:
        raise Invalid("The password is not good enough.", _flaw("password", error)) from error
    except client.exceptions.InvalidParameterException as error:
        raise Invalid("The person cannot be invited so.", _flaw("email", error)) from error
    except client.exceptions.UsernameExistsException as error:
        raise Stale("The address was taken meanwhile.") from error


def _flaw(field: str, error: ClientError) -> Flaw:
    return Flaw(f"person.{field}", error.response["Error"].get("Message", "not accepted"))
