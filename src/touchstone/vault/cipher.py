"""Authenticated encryption and the key ring. The reference of a value is its associated data."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from touchstone.kernel.chance import SystemChance

KEY_BYTES = 32
NONCE_BYTES = 12
_RING = "ring.json"


class SealBroken(Exception):
    """A stored value does not open: swapped, rolled back, damaged, or its key is gone."""


def encrypt(key: bytes, nonce: bytes, plain: bytes, bound_to: str) -> bytes:
    """Nonce and ciphertext (AES-256-GCM), bound to ``bound_to``."""
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def decrypt(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """The plain bytes.

    Raises:
        SealBroken: the value is not the one that was sealed under ``bound_to``.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError):
        raise SealBroken(bound_to) from None


@dataclass(frozen=True)
class KeyRing:
    """Wrapping keys by id, one of them current. Kept in a folder, never in the database."""

    keys: dict[str, bytes]
    current: str

    def blind(self, field: str, value: str) -> bytes:
        """A keyed digest for looking a value up without storing it (HMAC-SHA-256)."""
        key = sha256(b"blind index" + self.keys[min(self.keys)]).digest()
        return hmac.new(key, f"{field}\x00{value}".encode(), sha256).digest()


def open_ring(folder: Path) -> KeyRing:
    """The institution's key ring, made on first use.

    Keys enter no event, so they never come from a simulation's repeatable chance.
    """
    path = folder / _RING
    try:
        state = path.stat()
    except FileNotFoundError:
        _write(path, {"k1": SystemChance().token_bytes(KEY_BYTES)}, "k1")
        state = path.stat()
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _size: int) -> KeyRing:
    """The ring as it stands in the file; read anew when the file was changed."""
    stored = json.loads(path.read_text(encoding="ascii"))
    keys = {name: bytes.fromhex(text) for name, text in stored["keys"].items()}
    return KeyRing(keys, stored["current"])


def add_key(folder: Path) -> KeyRing:
    """Add a wrapping key and make it current; earlier ones still open what they wrapped."""
    ring = open_ring(folder)
    name = f"k{len(ring.keys) + 1}"
    _write(folder / _RING, {**ring.keys, name: SystemChance().token_bytes(KEY_BYTES)}, name)
    return open_ring(folder)


def _write(path: Path, keys: dict[str, bytes], current: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    text = json.dumps({"current": current, "keys": {name: key.hex() for name, key in keys.items()}})
    path.write_text(text, encoding="ascii")
