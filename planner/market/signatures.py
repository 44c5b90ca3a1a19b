"""Ed25519 signatures of manifests, with keys in files that OpenSSL reads too."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from planner.errors import InputError
from planner.market.manifest import MANIFEST_NAME, SIGNATURE_NAME

if TYPE_CHECKING:
    from pathlib import Path

PUBLIC_SUFFIX = ".pub"
OWNER_ONLY = 0o600


def new_key(path: Path) -> Path:
    """Make a key pair: the private key at ``path`` (readable by its owner only), the public one beside it, ``.pub``.

    Both are PEM. Returns the public key's path: give that file to whoever checks your data. Raises InputError where a
    file is there already: a key is never overwritten.
    """
    serialization, ed25519 = _cryptography()
    private = ed25519.Ed25519PrivateKey.generate()
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    beside = path.with_name(path.name + PUBLIC_SUFFIX)
    if beside.exists():
        raise InputError(f"'{beside}' is there already: choose another name for the new key.")
    _write_new(path, secret, OWNER_ONLY)
    _write_new(beside, public, 0o644)
    return beside


def sign(folder: Path, private_key: Path) -> Path:
    """Sign the manifest of a folder as it stands; the 64 bytes go to ``manifest.json.sig``, whose path is returned."""
    serialization, ed25519 = _cryptography()
    try:
        key = serialization.load_pem_private_key(_read(private_key), password=None)
    except (ValueError, TypeError) as error:
        raise InputError(f"'{private_key}' is not a private key in PEM without a password.") from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise InputError(f"'{private_key}' is not an Ed25519 key: make one with new_key.")
    signature = folder / SIGNATURE_NAME
    signature.write_bytes(key.sign(_read(folder / MANIFEST_NAME)))
    return signature


def is_signed_by(folder: Path, public_key: Path) -> bool:
    """Whether the folder's manifest bears a signature of this public key (PEM); InputError where that is no key."""
    serialization, ed25519 = _cryptography()
    from cryptography.exceptions import InvalidSignature

    try:
        key = serialization.load_pem_public_key(_read(public_key))
    except ValueError as error:
        raise InputError(f"'{public_key}' is not a public key in PEM.") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise InputError(f"'{public_key}' is not an Ed25519 key.")
    try:
        key.verify(_read(folder / SIGNATURE_NAME), _read(folder / MANIFEST_NAME))
    except InvalidSignature:
        return False
    return True


def _cryptography() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise InputError("Signatures need cryptography. Install modern-portfolio[sign].") from error
    return serialization, ed25519


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise InputError(f"'{path}' is there already: choose another name for the new key.") from error
    except OSError as error:
        raise InputError(f"'{path}' cannot be written: {error.strerror or error}.") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}.") from error
