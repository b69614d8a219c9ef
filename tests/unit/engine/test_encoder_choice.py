"""Which encoders a job is offered: least busy device first, nothing it tried in vain, nothing that keeps failing."""

from alchemist_desktop.domain.capability import Backend, Encoder
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.hardware import Wish
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.encoder_choice import FAILURES_BEFORE_ASIDE, EncoderDesk, wish_of
from tests.support.hardware import NVIDIA_0, NVIDIA_1, encoder_on, matrix, passed, two_cards
from tests.support.probes import CPU_ONLY

HEVC = OutputCodec.HEVC
ONE, TWO, THREE = JobId(1), JobId(2), JobId(3)
LOST = explain("hardware_backend_failure", error="device not exist")
FULL = explain("nvenc_resource_exhausted", error="out of memory")


def desk(wish: Wish | None = None) -> EncoderDesk:
    result = EncoderDesk(CPU_ONLY, lambda: wish or Wish())
    result.adopt(two_cards())
    return result


def places(desk: EncoderDesk, job: JobId) -> list[str | None]:
    """The devices offered for HEVC, in order, without what is set aside."""
    offered = desk.offer(job)
    aside = {each.encoder for each in offered.set_aside}
    return [e.device_path for e in offered.encoders if e.codec is HEVC and e not in aside]


def test_before_the_first_detection_there_is_the_cpu() -> None:
    fresh = EncoderDesk(CPU_ONLY, Wish)
    assert (fresh.matrix, fresh.selection, fresh.capabilities()) == (None, None, CPU_ONLY)
    assert fresh.offer(ONE) == CPU_ONLY


def test_the_least_busy_card_comes_first_and_the_cpu_last() -> None:
    d = desk()
    assert places(d, ONE) == ["/dev/nvidia0", "/dev/nvidia1", None]
    d.occupy(ONE, encoder_on(NVIDIA_0, HEVC))
    assert places(d, TWO) == ["/dev/nvidia1", "/dev/nvidia0", None]
    d.occupy(TWO, encoder_on(NVIDIA_1, HEVC))
    assert places(d, THREE) == ["/dev/nvidia0", "/dev/nvidia1", None]
    d.leave(ONE)
    d.leave(THREE)
    assert d.used(ONE) is None
    assert places(d, THREE) == ["/dev/nvidia0", "/dev/nvidia1", None]


def test_two_jobs_that_are_planned_at_once_do_not_choose_the_same_card() -> None:
    d = desk()
    assert places(d, ONE)[0] != places(d, TWO)[0]


def test_a_job_for_the_cpu_occupies_no_card() -> None:
    d = desk()
    d.offer(ONE)
    d.occupy(ONE, Encoder(name="libx265", codec=HEVC, backend=Backend.CPU))
    assert d.used(ONE) is None
    assert places(d, TWO)[0] == "/dev/nvidia0"


def test_a_job_does_not_meet_the_encoder_that_failed_it_again() -> None:
    d = desk()
    assert d.fail(ONE, encoder_on(NVIDIA_0, HEVC), LOST) is False
    assert places(d, ONE) == ["/dev/nvidia1", None]
    assert "/dev/nvidia0" in places(d, TWO)
    d.forget(ONE)
    d.leave(TWO)
    assert "/dev/nvidia0" in places(d, ONE)


def test_failures_in_a_row_set_an_encoder_aside_for_all_and_a_success_counts_anew() -> None:
    d = desk()
    card = encoder_on(NVIDIA_0, HEVC)
    for number in range(FAILURES_BEFORE_ASIDE - 1):
        assert d.fail(JobId(100 + number), card, LOST) is False
    d.succeed(card)
    told = [d.fail(JobId(200 + number), card, LOST) for number in range(FAILURES_BEFORE_ASIDE + 1)]
    assert told == [False] * (FAILURES_BEFORE_ASIDE - 1) + [True, False]  # told once
    assert places(d, ONE) == ["/dev/nvidia1", None]
    assert [each.encoder.name for each in d.set_aside()] == ["hevc_nvenc"]
    assert "device not exist" in d.set_aside()[0].reason
    d.adopt(two_cards())
    assert d.set_aside() == ()


def test_a_card_without_room_is_full_and_not_broken() -> None:
    d = desk()
    card = encoder_on(NVIDIA_0, HEVC)
    d.occupy(ONE, card)
    d.occupy(TWO, card)
    for _ in range(FAILURES_BEFORE_ASIDE + 1):
        assert d.fail(TWO, card, FULL) is False
    assert d.set_aside() == ()
    d.leave(TWO)
    assert places(d, THREE) == ["/dev/nvidia1", None]  # the one encode it has room for is running
    d.leave(ONE)
    d.leave(THREE)
    assert "/dev/nvidia0" in places(d, THREE)


def test_the_settings_say_what_is_wished() -> None:
    chosen = Settings.model_validate({"hardware": {"preferred_vendor": " NVIDIA ", "device_path": " "}})
    assert wish_of(chosen) == Wish(vendor="nvidia", device=None)
    alone = EncoderDesk(CPU_ONLY, lambda: Wish(device="/dev/nvidia1"))
    alone.adopt(matrix([NVIDIA_0, NVIDIA_1], [*passed(NVIDIA_0, HEVC), *passed(NVIDIA_1, HEVC)]))
    assert places(alone, ONE) == ["/dev/nvidia1", None]
