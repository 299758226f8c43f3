"""Secrets are encrypted for their account alone, and never shown."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.fleet.credentials import Credentials, CredentialStore
from smartkasa_async.fleet.errors import FleetKeyError
from smartkasa_async.fleet.secrets import KeyRing, add_key, read_key_file
from tests.fleet.conftest import new_account

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.database import Database


def test_what_is_encrypted_opens_for_its_account_and_purpose_alone(keys: KeyRing) -> None:
    encrypted = keys.encrypt(1, "credentials", b"secret")
    assert b"secret" not in encrypted.content + encrypted.wrapped_key
    assert keys.decrypt(1, "credentials", encrypted) == b"secret"
    for account_id, purpose in ((2, "credentials"), (1, "tokens")):
        with pytest.raises(FleetKeyError, match="another account's"):
            keys.decrypt(account_id, purpose, encrypted)


def test_each_row_has_a_data_key_of_its_own(keys: KeyRing) -> None:
    one, other = keys.encrypt(1, "credentials", b"secret"), keys.encrypt(1, "credentials", b"secret")
    with pytest.raises(FleetKeyError):
        keys.decrypt(1, "credentials", replace(one, content=other.content))


def test_a_changed_byte_is_noticed(keys: KeyRing) -> None:
    encrypted = keys.encrypt(1, "credentials", b"secret")
    changed = bytes([encrypted.content[20] ^ 1])
    with pytest.raises(FleetKeyError):
        keys.decrypt(
            1, "credentials", replace(encrypted, content=encrypted.content[:20] + changed + encrypted.content[21:])
        )


def test_a_key_that_is_not_in_the_ring_is_named_by_its_id(keys: KeyRing) -> None:
    encrypted = keys.encrypt(1, "credentials", b"secret")
    with pytest.raises(FleetKeyError, match=keys.current):
        KeyRing(os.urandom(32)).decrypt(1, "credentials", encrypted)


def test_rewrapping_leaves_the_encrypted_secret_and_changes_its_key() -> None:
    old, new = os.urandom(32), os.urandom(32)
    encrypted = KeyRing(old).encrypt(1, "credentials", b"secret")
    rewrapped = KeyRing(new, old).rewrap(1, "credentials", encrypted)
    assert rewrapped.content == encrypted.content
    assert KeyRing(new).decrypt(1, "credentials", rewrapped) == b"secret"
    with pytest.raises(FleetKeyError):
        KeyRing(old).decrypt(1, "credentials", rewrapped)


def test_keys_are_read_from_a_file_that_others_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "fleet.key"
    first = add_key(file)
    second = add_key(file)
    ring = read_key_file(file)
    assert ring.current == second != first
    assert first in repr(ring)
    file.chmod(0o640)
    with pytest.raises(FleetKeyError, match="chmod 600"):
        read_key_file(file)


@pytest.mark.parametrize("line", ["too short", b64encode(bytes(16)).decode(), "é"])
def test_a_line_that_is_no_key_is_named_by_its_number_and_not_shown(line: str) -> None:
    with pytest.raises(FleetKeyError, match="Line 2") as caught:
        KeyRing.parse(f"# keys\n{line}\n")
    assert line not in str(caught.value)


def test_a_file_without_keys_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fleet.key"
    file.touch(0o600)
    with pytest.raises(FleetKeyError, match="fleet init"):
        read_key_file(file)
    with pytest.raises(FleetKeyError, match="No such file"):
        read_key_file(tmp_path / "none")


def test_reprs_show_no_secret(keys: KeyRing) -> None:
    credentials = Credentials("the-key", "380501234567", "the-password")
    texts = [
        repr(credentials),
        str(credentials),
        repr(keys),
        repr(keys.encrypt(1, "tokens", b"the-key")),
        repr(new_account("a")),
    ]
    for text in texts:
        assert "the-" not in text
        assert "key-of-a" not in text
        assert "380501234567" not in text


async def test_rows_of_two_accounts_that_are_swapped_do_not_open(
    database: Database, accounts: Accounts, credential_store: CredentialStore
) -> None:
    one = await accounts.add(new_account("one"), credential_store)
    two = await accounts.add(new_account("two"), credential_store)
    assert (await credential_store.read(one)).api_key == "key-of-one"
    await database.execute(
        "UPDATE credentials AS this SET key_id = that.key_id, wrapped_key = that.wrapped_key, content = that.content"
        " FROM credentials AS that WHERE this.account_id <> that.account_id"
    )
    for account_id in (one, two):
        with pytest.raises(FleetKeyError, match=f"account {account_id} do not open"):
            await credential_store.read(account_id)


async def test_rotation_wraps_all_rows_by_the_new_key(database: Database, accounts: Accounts) -> None:
    old, new = os.urandom(32), os.urandom(32)
    ids = [await accounts.add(new_account(name), CredentialStore(database, KeyRing(old))) for name in ("one", "two")]
    both = CredentialStore(database, KeyRing(new, old))
    assert await both.rotate() == 2
    assert await both.rotate() == 0
    assert [(await CredentialStore(database, KeyRing(new)).read(id_)).api_key for id_ in ids] == [
        "key-of-one",
        "key-of-two",
    ]
    with pytest.raises(FleetKeyError):
        await CredentialStore(database, KeyRing(old)).read(ids[0])
