"""What an erasure means for a backup taken before it."""

from __future__ import annotations

from dangol_service_kit.key_ring import KeyRing
from dangol_service_kit.keys import from_file
from profile_service.config import ProfileConfig
from profile_service.sealing import Vault

from tests.integration.profile.harness import Platform, eventually
from tests.integration.profile.privacy.erasing import Eraser, make_customer
from tests.integration.profile.privacy.opening import opened, take_dump
from tests.integration.profile.privacy.ring_file import RingFile
from tests.integration.profile.privacy.test_rotation import rotated_to

KIM = ["name-kim", "note-kim", "phone-kim", "query-kim", "form-kim"]
LEE = ["name-lee", "note-lee", "phone-lee", "query-lee", "form-lee"]


def _thief(settings: ProfileConfig, ring: RingFile) -> Vault:
    """Somebody with every key that there is now, the master key too."""
    derived = from_file(settings.master_key_file)
    return Vault(derived, ring=KeyRing(derived, list(ring.keys.values())))


def _read(text: str) -> list[str]:
    return [word for word in (*KIM, *LEE) if word in text]


async def test_a_backup_opens_no_more_once_the_key_of_its_time_is_destroyed(
    platform: Platform, settings: ProfileConfig, ring: RingFile
) -> None:
    """Before that it does, for whoever has the keys: so long the erasure is not the last word."""
    ring.add(2)
    await eventually(rotated_to(platform, 2))
    kim = await make_customer(platform, "kim")
    await make_customer(platform, "lee")
    backup = await take_dump(platform.database)
    assert [*KIM, *LEE] == _read(opened(backup, _thief(settings, ring)))
    eraser = Eraser(platform)
    await eraser.erase(kim)
    await eraser.carry_out(kim)
    assert LEE == _read(opened(await take_dump(platform.database), _thief(settings, ring)))
    assert [*KIM, *LEE] == _read(opened(backup, _thief(settings, ring)))
    ring.add(3)
    await eventually(rotated_to(platform, 3))
    ring.destroy(2)
    assert [] == _read(opened(backup, _thief(settings, ring)))
    assert LEE == _read(opened(await take_dump(platform.database), _thief(settings, ring)))
