"""A certificate authority for one network: who is a broker, who is a node.

Elliptic keys (P-256), because RSA takes a device several times as long. Each certificate has a key
of its own; a broker's names the hosts by which it is called, a node's or service's its name.
"""

import datetime
import ipaddress
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from failure import Failure, reason_of

AUTHORITY = "ca"
AUTHORITY_DAYS = 20 * 365
# A node hangs on a wall for five years; what it lost before that is taken from the broker's lists.
LEAF_DAYS = 6 * 365

Key = ec.EllipticCurvePrivateKey


class Authority:
    def __init__(self, certificate: x509.Certificate, key: Key) -> None:
        self.certificate = certificate
        self._key = key

    @classmethod
    def found(cls, name: str, now: datetime.datetime) -> "Authority":
        """Make a new one, valid from yesterday on: clocks differ."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(name, name, key.public_key(), *_term(now, AUTHORITY_DAYS))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        builder = builder.add_extension(_usage(signs_certificates=True), True)
        return cls(builder.sign(key, hashes.SHA256()), key)

    @classmethod
    def load(cls, folder: Path) -> "Authority":
        """Raises Failure where there is none, or none that can be read."""
        try:
            certificate = x509.load_pem_x509_certificate(_path(folder, AUTHORITY).read_bytes())
            key = serialization.load_pem_private_key(
                _path(folder, AUTHORITY, ".key").read_bytes(), None
            )
        except (OSError, ValueError) as error:
            raise Failure(f"{folder}: no usable authority: {reason_of(error)}") from error
        if not isinstance(key, Key):
            raise Failure(f"{folder}: the authority's key is not elliptic")
        return cls(certificate, key)

    def save(self, folder: Path) -> None:
        _write(folder, AUTHORITY, self.certificate, self._key)

    def issue(
        self,
        folder: Path,
        name: str,
        hosts: tuple[str, ...],
        first: datetime.datetime,
        days: int = LEAF_DAYS,
    ) -> None:
        """Write NAME.pem and NAME.key. hosts: for a broker, names and addresses; else none."""
        key = ec.generate_private_key(ec.SECP256R1())
        term = (first, first + datetime.timedelta(days=days))
        builder = _builder(name, self.name, key.public_key(), *term)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        builder = builder.add_extension(_usage(signs_certificates=False), True)
        # nats-server maps a client by its alternative names, mosquitto by the common name
        named = [_host(host) for host in hosts] or [x509.DNSName(name)]
        builder = builder.add_extension(x509.SubjectAlternativeName(named), False)
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), False)
        _write(folder, name, builder.sign(self._key, hashes.SHA256()), key)

    @property
    def name(self) -> str:
        (common,) = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(common.value)


def has_authority(folder: Path) -> bool:
    return _path(folder, AUTHORITY).exists()


def exists(folder: Path, name: str) -> bool:
    return _path(folder, name).exists()


def yesterday(now: datetime.datetime) -> datetime.datetime:
    return now - datetime.timedelta(days=1)


def _term(now: datetime.datetime, days: int) -> tuple[datetime.datetime, datetime.datetime]:
    return yesterday(now), now + datetime.timedelta(days=days)


def _builder(
    name: str,
    issuer: str,
    key: ec.EllipticCurvePublicKey,
    first: datetime.datetime,
    last: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _path(folder: Path, name: str, suffix: str = ".pem") -> Path:
    return folder / (name + suffix)


def _write(folder: Path, name: str, certificate: x509.Certificate, key: Key) -> None:
    """The key first and for its owner's eyes only: a certificate without its key is no use."""
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(
            _path(folder, name, ".key"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
        _path(folder, name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise Failure(f"cannot write {error.filename}: {reason_of(error)}") from error
