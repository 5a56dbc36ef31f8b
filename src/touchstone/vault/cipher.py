"""Authenticated encryption and the key ring. The reference of a value is its associated data.

Two ciphers: AES-256-GCM, and SM4-GCM (GB/T 32907, RFC 8998). The length of a key says its cipher, so
values of both open side by side while an institution changes from one to the other.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from touchstone.kernel.chance import SystemChance

AES, CHINESE = "aes-256-gcm", "sm4-gcm"
KEY_BYTES: Mapping[str, int] = {AES: 32, CHINESE: 16}
MOST_KEY_BYTES = max(KEY_BYTES.values())
NONCE_BYTES = 12
_TAG_BYTES = 16
_RING = "ring.json"


class SealBroken(Exception):
    """A stored value does not open: swapped, rolled back, damaged, or its key is gone."""


class NoSuchCipher(Exception):
    """The configured cipher is unknown, or this machine's library does not have it."""


def check_cipher(name: str) -> str:
    """``name``, once it is known that values can be sealed with it here.

    Raises:
        NoSuchCipher: there is no such cipher; nothing weaker is taken in its place.
    """
    if name not in KEY_BYTES:
        known = ", ".join(KEY_BYTES)
        raise NoSuchCipher(f"未知的加密算法 {name} · unknown cipher {name!r}; one of {known}")
    try:
        encrypt(bytes(KEY_BYTES[name]), bytes(NONCE_BYTES), b"", "")
    except UnsupportedAlgorithm:
        raise NoSuchCipher(
            f"本机密码库不支持 {name} · the cryptographic library of this machine has no {name}"
        ) from None
    return name


def cipher_of(key: bytes) -> str:
    """The name of the cipher that ``key`` is for."""
    return next(name for name, length in KEY_BYTES.items() if length == len(key))


def encrypt(key: bytes, nonce: bytes, plain: bytes, bound_to: str) -> bytes:
    """Nonce, ciphertext and tag, bound to ``bound_to``."""
    if cipher_of(key) == AES:
        return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())
    sealing = Cipher(SM4(key), GCM(nonce)).encryptor()
    sealing.authenticate_additional_data(bound_to.encode())
    return nonce + sealing.update(plain) + sealing.finalize() + sealing.tag


def decrypt(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """The plain bytes.

    Raises:
        SealBroken: the value is not the one that was sealed under ``bound_to``.
    """
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        if cipher_of(key) == AES:
            return AESGCM(key).decrypt(nonce, rest, bound_to.encode())
        text, tag = rest[:-_TAG_BYTES], rest[-_TAG_BYTES:]
        opening = Cipher(SM4(key), GCM(nonce, tag)).decryptor()
        opening.authenticate_additional_data(bound_to.encode())
        return opening.update(text) + opening.finalize()
    except (InvalidTag, ValueError):
        raise SealBroken(bound_to) from None


def decrypt_with_any(keys: Sequence[bytes], sealed: bytes, bound_to: str) -> bytes:
    """The plain bytes by the first of a subject's data keys that opens the value.

    Raises:
        SealBroken: none of them does.
    """
    for key in keys:
        try:
            return decrypt(key, sealed, bound_to)
        except SealBroken:
            continue
    raise SealBroken(bound_to)


def join_keys(keys: Sequence[bytes]) -> bytes:
    """A subject's data keys, the current one first, as they are wrapped together."""
    if len(keys) == 1:
        return keys[0]
    return b"".join(bytes([len(key)]) + key for key in keys)


def split_keys(joined: bytes) -> tuple[bytes, ...]:
    """What ``join_keys`` joined."""
    if len(joined) in KEY_BYTES.values():
        return (joined,)
    keys: list[bytes] = []
    rest = joined
    while rest:
        length = rest[0]
        keys.append(rest[1 : 1 + length])
        rest = rest[1 + length :]
    return tuple(keys)


@dataclass(frozen=True)
class KeyRing:
    """Wrapping keys by id, one of them current. Kept in a folder, never in the database."""

    keys: dict[str, bytes]
    current: str

    def blind(self, field: str, value: str) -> bytes:
        """A keyed digest for looking a value up without storing it (HMAC-SHA-256)."""
        key = sha256(b"blind index" + self.keys[min(self.keys)]).digest()
        return hmac.new(key, f"{field}\x00{value}".encode(), sha256).digest()


def open_ring(folder: Path, cipher: str = AES) -> KeyRing:
    """The institution's key ring, made on first use with a key for ``cipher``.

    Keys enter no event, so they never come from a simulation's repeatable chance.
    """
    path = folder / _RING
    try:
        state = path.stat()
    except FileNotFoundError:
        made = _written(folder, {"k1": SystemChance().token_bytes(KEY_BYTES[cipher])}, "k1")
        # A ring that another process made meanwhile stays: values may be sealed under it already.
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
        state = path.stat()
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _size: int) -> KeyRing:
    """The ring as it stands in the file; read anew when the file was changed."""
    stored = json.loads(path.read_text(encoding="ascii"))
    keys = {name: bytes.fromhex(text) for name, text in stored["keys"].items()}
    return KeyRing(keys, stored["current"])


def add_key(folder: Path, cipher: str = AES) -> KeyRing:
    """Add a wrapping key for ``cipher`` and make it current; earlier ones still open what they wrapped."""
    ring = open_ring(folder, cipher)
    name = f"k{len(ring.keys) + 1}"
    keys = {**ring.keys, name: SystemChance().token_bytes(KEY_BYTES[cipher])}
    _written(folder, keys, name).replace(folder / _RING)
    return open_ring(folder, cipher)


def _written(folder: Path, keys: dict[str, bytes], current: str) -> Path:
    """The ring in a file of its own, whole before anybody can read it by its name."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{_RING}.{SystemChance().token_bytes(8).hex()}"
    path.touch(mode=0o600, exist_ok=False)
    text = json.dumps({"current": current, "keys": {name: key.hex() for name, key in keys.items()}})
    with path.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path
