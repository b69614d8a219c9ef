"""Where messages may go: private addresses in every dress are refused."""

from ipaddress import ip_address

import pytest

from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.system.notify.addresses import is_public, resolve

PRIVATE = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:c0a8:101::1",
)  # fmt: skip
PUBLIC = ("1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101")


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST.", "::1", "2130706433", "0x7f.1", "169.254.169.254"])
async def test_hosts_that_lead_here_are_refused_unless_they_are_allowed(host: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        await resolve(host, 80, allow_local=False)
    assert caught.value.code == "NOTIFICATION_TARGET_INVALID"


@pytest.mark.anyio
async def test_the_address_is_told_where_local_ones_are_allowed() -> None:
    assert await resolve("localhost", 80, allow_local=True) in {"127.0.0.1", "::1"}


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example", "..", "\udcff"])
async def test_a_name_without_an_address_is_told(host: str) -> None:
    with pytest.raises(InvalidRequestError, match="no address"):
        await resolve(host, 80, allow_local=True)
