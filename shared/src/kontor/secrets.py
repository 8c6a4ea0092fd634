"""Encryption of secrets at rest and of link tokens that travel inside events."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kontor.errors import Refusal


class SealBroken(Refusal):
    """The sealed text was made with another secret key, or was altered."""

    code = "SEAL_BROKEN"


class Sealer:
    """Seals short texts with a key derived from the installation's secret key (HKDF-SHA256, Fernet)."""

    def __init__(self, secret_key: str) -> None:
        key = HKDF(hashes.SHA256(), 32, salt=None, info=b"kontor/sealer/1").derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The text that was sealed; raises `SealBroken` for anything this installation did not seal."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealBroken("The secret cannot be read with this installation's key.") from error


def derived_password(secret_key: str, purpose: str) -> str:
    """A password that every process of the installation can compute, such as a service's database password."""
    key = HKDF(hashes.SHA256(), 24, salt=None, info=f"kontor/password/{purpose}".encode()).derive(secret_key.encode())
    return base64.urlsafe_b64encode(key).decode()
