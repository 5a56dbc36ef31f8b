"""Registration of the vault."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Sealed values."""

    name = "touchstone.vault"
    label = "vault"
