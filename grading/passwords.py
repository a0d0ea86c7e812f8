"""Secrets of a roster: scrypt hashes, never the password itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata

SCRYPT = {"n": 2**14, "r": 8, "p": 1}


def hash_secret(secret: str, salt: bytes | None = None) -> str:
    """`scrypt$n$r$p$salt$digest`, the last two in base64; a new salt each time unless one is given."""
    salt = salt or os.urandom(16)
    digest = hashlib.scrypt(_typed(secret), salt=salt, **SCRYPT, dklen=32)
    return "$".join(["scrypt", *map(str, SCRYPT.values()), _text(salt), _text(digest)])


def verify_secret(secret: str, stored: str) -> bool:
    """Whether the secret is the one that was hashed; a damaged hash fits nothing."""
    try:
        kind, n, r, p, salt, digest = stored.split("$")
        if kind != "scrypt":
            return False
        found = hashlib.scrypt(_typed(secret), salt=_bytes(salt), n=int(n), r=int(r), p=int(p), dklen=32)
    except ValueError:
        return False
    return hmac.compare_digest(found, _bytes(digest))


def is_hash(stored: str) -> bool:
    """Whether somebody could sign in with this at all: a password written into roster.csv by hand is none."""
    return stored.startswith("scrypt$") and stored.count("$") == 5


def _typed(secret: str) -> bytes:
    """A Chinese keyboard may write １２３ for 123."""
    return unicodedata.normalize("NFKC", secret).encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
