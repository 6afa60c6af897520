"""A certificate for loopback from a self-made authority, for tests of TLS.

The authority's own certificate lies beside it as `ca.pem`, for clients to trust.
"""

from __future__ import annotations

from pathlib import Path

import trustme


def files(folder: Path) -> tuple[str, str]:
    """Certificate and key in that folder, made when they are not there."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    if not certificate.is_file() or not key.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        issued = authority.issue_cert("localhost", "127.0.0.1", "::1")
        authority.cert_pem.write_to_path(folder / "ca.pem")
        issued.private_key_pem.write_to_path(key)
        issued.cert_chain_pems[0].write_to_path(certificate)
    return str(certificate), str(key)
