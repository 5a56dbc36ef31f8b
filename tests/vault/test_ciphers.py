"""Two ciphers side by side: what one sealed still opens after the institution changed to the other."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.db import connection

from tests.vault.test_vault import NAME, clerk, found, sealed  # noqa: F401 - clerk is a fixture
from touchstone.journal.unit_of_work import ActContext
from touchstone.journal.verify import verify
from touchstone.kernel.refusal import Refusal
from touchstone.vault import cipher
from touchstone.vault.actions import reveal
from touchstone.vault.cipher import (
    NoSuchCipher,
    SealBroken,
    check_cipher,
    decrypt,
    encrypt,
    join_keys,
    open_ring,
    split_keys,
)
from touchstone.vault.rotation import rotate
from touchstone.vault.verification import ciphers_in_use, verify_values

WHY = "客户来电核对"
AES, SM4 = "aes-256-gcm", "sm4-gcm"


def test_sm4_gcm_gives_the_published_values() -> None:
    """RFC 8998, appendix A.1; the reference here is text, so the data bound to is checked apart."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    plain = bytes.fromhex(
        "AA" * 8 + "BB" * 8 + "CC" * 8 + "DD" * 8 + "EE" * 8 + "FF" * 8 + "EE" * 8 + "AA" * 8
    )
    sealing = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    sealing.authenticate_additional_data(bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
    text = sealing.update(plain) + sealing.finalize()

    assert text.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    )
    assert sealing.tag.hex().upper() == "83DE3541E4C2B58177E065A9BF7B62EC"
    assert encrypt(key, nonce, plain, "c1/name/1")[12:-16] == text


@pytest.mark.parametrize("length", [16, 32])
def test_a_value_opens_only_whole_and_under_its_reference(length: int) -> None:
    key, nonce = bytes(range(length)), bytes(12)
    value = encrypt(key, nonce, NAME.encode(), "c1/name/1")

    assert decrypt(key, value, "c1/name/1") == NAME.encode()
    for broken in (value[:-1], value[:13], b"", value[:20] + b"x" + value[21:]):
        with pytest.raises(SealBroken):
            decrypt(key, broken, "c1/name/1")
    with pytest.raises(SealBroken):
        decrypt(key, value, "c2/name/1")


def test_joined_keys_come_apart_again() -> None:
    one, two = bytes(16), bytes(32)

    for keys in ((one,), (two,), (one, two), (two, one), (one, one), (two, two, one)):
        assert split_keys(join_keys(keys)) == keys


def test_a_cipher_that_is_not_there_is_refused_and_nothing_taken_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(*arguments: object) -> None:
        raise UnsupportedAlgorithm("no SM4 here")

    with pytest.raises(NoSuchCipher, match="sm4-ctr"):
        check_cipher("sm4-ctr")
    monkeypatch.setattr(cipher, "Cipher", missing)
    with pytest.raises(NoSuchCipher, match="has no sm4-gcm"):
        check_cipher(SM4)
    assert check_cipher(AES) == AES


def test_the_start_stops_at_an_unknown_cipher(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "touchstone.cli.main", "--version"],
        env={**os.environ, "TOUCHSTONE_DATA": str(tmp_path), "TOUCHSTONE_CIPHER": "rot13"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "TOUCHSTONE_CIPHER" in done.stderr
    assert "rot13" in done.stderr


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("before", "after"), [(AES, SM4), (SM4, AES)])
def test_a_change_of_cipher_leaves_every_value_readable_and_none_under_the_old_one(
    clerk: ActContext,  # noqa: F811
    settings: object,
    before: str,
    after: str,
) -> None:
    setup = replace(clerk, actor="system:setup")
    settings.CIPHER = before  # type: ignore[attr-defined]
    one, other = sealed(clerk), sealed(clerk, "c2", "李四")
    assert ciphers_in_use() == {before: 2}
    stored = values()

    settings.CIPHER = after  # type: ignore[attr-defined]
    late = sealed(clerk, "c3", "王五")
    assert rotate(setup) == 3
    assert ciphers_in_use() == {before: 2, after: 3}
    assert all(stored[reference] != values()[reference] for reference in (one, other))
    rotate(setup)

    assert ciphers_in_use() == {after: 3}
    assert [reveal(clerk, item, WHY) for item in (one, other, late)] == [NAME, "李四", "王五"]
    assert found(clerk, NAME) == ("c1",)
    assert verify_values() is None
    assert verify().ok


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_value_sealed_under_the_old_key_while_the_cipher_changes_is_not_lost(
    clerk: ActContext,  # noqa: F811
    settings: object,
) -> None:
    setup = replace(clerk, actor="system:setup")
    reference = sealed(clerk)
    old = values()[reference]
    settings.CIPHER = SM4  # type: ignore[attr-defined]
    rotate(setup)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_value SET sealed = %s WHERE reference = %s", (old, reference))

    assert reveal(clerk, reference, WHY) == NAME
    rotate(setup)
    assert ciphers_in_use() == {AES: 1, SM4: 1}
    rotate(setup)

    assert ciphers_in_use() == {SM4: 1}
    assert reveal(clerk, reference, WHY) == NAME


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_who_may_not_rotate_leaves_the_ring_as_it_was(
    clerk: ActContext,  # noqa: F811
    settings: object,
) -> None:
    sealed(clerk)
    folder = settings.KEYS  # type: ignore[attr-defined]
    before = open_ring(folder)

    with pytest.raises(Refusal):
        rotate(clerk)

    assert open_ring(folder) == before


def values() -> dict[str, bytes]:
    """Every stored value by reference."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reference, sealed FROM vault_value")
        return {reference: bytes(stored) for reference, stored in cursor.fetchall()}
