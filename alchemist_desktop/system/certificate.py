"""The certificate with which the server proves itself where TLS is switched on: made here, for this computer's names."""

import hashlib
import os
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from alchemist_desktop.domain.errors import KnownError

if TYPE_CHECKING:
    from cryptography import x509

_VALID = timedelta(days=820)  # systems refuse certificates of servers that last longer
_RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The files, and the fingerprint by which people recognise the certificate."""

    certificate_file: Path
    key_file: Path
    fingerprint: str


def own_certificate(folder: Path, names: frozenset[str], now: datetime) -> Certificate:
    """The certificate in `folder`; made when there is none, or it ends soon or is damaged. Blocks for a moment.

    Raises KnownError (CERTIFICATE_UNAVAILABLE).
    """
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    try:
        if not _is_good(certificate_file, key_file, now):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            certificate, key = _make(names, now)
            _write(key_file, key)
            _write(certificate_file, certificate)
        return Certificate(
            certificate_file=certificate_file, key_file=key_file, fingerprint=_fingerprint(certificate_file.read_text("ascii"))
        )
    except OSError as error:
        raise KnownError(f"The server's certificate cannot be made: {error}.", code="CERTIFICATE_UNAVAILABLE") from error


def _is_good(certificate_file: Path, key_file: Path, now: datetime) -> bool:
    from cryptography import x509

    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate_file, key_file)  # the key belongs to it
    except (OSError, ValueError):
        return False
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - _RENEW_BEFORE


def _make(names: frozenset[str], now: datetime) -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Alchemist Desktop")])
    alternatives = x509.SubjectAlternativeName(
        [_general_name(name) for name in sorted({"localhost", "127.0.0.1", "::1", *filter(str.isascii, names)})]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - timedelta(minutes=5))  # other clocks may be a little late
        .not_valid_after(now.astimezone(UTC) + _VALID)
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(pem), private


def _general_name(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _fingerprint(pem: str) -> str:
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def _write(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(name).replace(path)
