"""What the gateway is told from outside beyond the common settings, and limits that have a name."""

import os
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from kontor.settings import Settings

#: An admin's session ends after this many seconds without a request, and at the latest after the second figure.
ADMIN_IDLE, ADMIN_ABSOLUTE = 8 * 3600, 7 * 24 * 3600
CUSTOMER_IDLE, CUSTOMER_ABSOLUTE = 24 * 3600, 14 * 24 * 3600

#: Wrong sign-ins within fifteen minutes before an account or an address has to wait.
ATTEMPT_WINDOW = 15 * 60
ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_ADDRESS = 30
WRONG_LINKS_PER_ADDRESS = 20

INVITATION_DAYS = 7

#: Links mailed to customers who ask for them: how long each works, and how many may be asked for within fifteen
#: minutes. Every request takes the same time, which hides whether an address is known.
LINK_MINUTES = {"sign_in": 15, "password_reset": 60}
LINKS_PER_ACCOUNT = 5
LINKS_PER_ADDRESS = 20
LINK_ANSWER_SECONDS = 0.4

BODY_TIMEOUT = 30.0
RPC_DEADLINE = 8.0


@dataclass(frozen=True)
class GatewaySettings:
    """Derived once at start. ``trusted_proxies`` are addresses or networks, separated by commas."""

    public_url: str
    secure_cookies: bool
    trusted_proxies: str
    dev_clock: bool

    @cached_property
    def _networks(self) -> list[IPv4Network | IPv6Network]:
        return [ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip()]

    def client_address(self, peer: str, forwarded: str) -> str:
        """Who sent the request: the peer, or what trusted proxies say of it (the last address not their own)."""
        address = peer
        for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
            if not self._trusts(address):
                break
            try:
                address = str(ip_address(hop))
            except ValueError:
                break
        return address

    def _trusts(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._networks)
        except ValueError:
            return False

    @classmethod
    def of(cls, settings: Settings) -> "GatewaySettings":
        return cls(
            public_url=settings.public_url,
            secure_cookies=not _plain_loopback(settings.public_url),
            trusted_proxies=os.environ.get("KONTOR_TRUSTED_PROXIES", ""),
            dev_clock=settings.dev_clock,
        )


def _plain_loopback(url: str) -> bool:
    """Whether the public URL is plain HTTP on this machine, the only case where cookies go without Secure."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http":
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
