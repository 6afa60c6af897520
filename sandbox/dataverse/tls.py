"""A certificate for serving over https on loopback, made once and kept in a folder.

Only for development: the authority's certificate lies next to it as `ca.pem` for clients to trust.
"""

from __future__ import annotations

from pathlib import Path

import trustme


def certificate(folder: Path) -> tuple[str, str]:
    """Paths of the certificate and the key, created on first use."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    if not (cert.exists() and key.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        issued = authority.issue_cert("localhost", "127.0.0.1")
        authority.cert_pem.write_to_path(folder / "ca.pem")
        issued.private_key_pem.write_to_path(key)
        cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    return str(cert), str(key)
