"""Registration of the vault."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Sealed values."""

    name = "touchstone.vault"
    label = "vault"

    def ready(self) -> None:
        """Refuse to start with a cipher that is not there.

        Raises:
            ImproperlyConfigured: ``TOUCHSTONE_CIPHER`` names none that this machine has.
        """
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured

        from touchstone.vault.cipher import NoSuchCipher, check_cipher

        try:
            check_cipher(settings.CIPHER)
        except NoSuchCipher as error:
            raise ImproperlyConfigured(f"TOUCHSTONE_CIPHER: {error}") from None
