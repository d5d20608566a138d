"""Reads that hand out secrets."""

import pytest

from bot.domain.actions import Action, Effect
from bot.domain.effects import seed


def asks(name: str, description: str | None = None, *arguments: str) -> bool:
    """Whether a tool that reads has to ask."""
    schema = {"properties": {argument: {"type": "string"} for argument in arguments}}
    result = seed(name=name, description=description, input_schema=schema, annotations=None)
    assert result.effect is Effect.READ
    assert result.sensitive is (result.action is Action.APPROVAL_NEEDED)
    return result.sensitive


@pytest.mark.parametrize(
    "name",
    [
        "get_secret", "getSecretValue", "read_env", "get_environment_variables",
        "getLocalAdminPassword", "get_recovery_key", "get_laps_password", "get_vault_item",
        "get_api_key", "get_private_key", "get_connection_string", "get_access_token", "get_token",
        "get_backup_codes", "get-2fa-codes", "get_kubeconfig", "list_credentials",
        "acme_get_registration_token", "get_bypass_code",
    ],
)  # fmt: skip
def test_a_read_of_secrets_asks(name: str) -> None:
    assert asks(name)


@pytest.mark.parametrize(
    "name",
    [
        "get_password_policy", "get_token_usage", "count_tokens", "list_environments",
        "get_design_tokens", "get_keyboard", "get_key_results", "list_vaults",
        "get_leaked_credentials_data", "get_code", "get_encryption_key_status",
    ],
)  # fmt: skip
def test_a_read_about_secrets_does_not_ask(name: str) -> None:
    assert not asks(name)


@pytest.mark.parametrize(
    "description",
    [
        "Get a host with its local administrator password.",
        "Returns all environment variables.",
        "Retrieve the disk's recovery key.",
        "List queues with their access keys.",
        "Get the setting in plain text values.",
    ],
)
def test_a_description_that_offers_a_secret_asks(description: str) -> None:
    assert asks("get_gadget", description)


def test_a_description_that_mentions_its_own_key_does_not_ask() -> None:
    assert not asks("get_gadget", "Get the person that owns the current API key.")


@pytest.mark.parametrize("argument", ["with_decryption", "include_secrets", "showPassword", "reveal"])
def test_an_argument_that_uncovers_a_secret_asks(argument: str) -> None:
    assert asks("get_gadget", "Get a gadget.", argument)
