"""What the planner does about encoders that are set aside."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.capability import Capabilities, SetAside
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.profile import EncodingRules, OutputCodec
from tests.support.probes import CPU_ONLY, NO_LIMITS, gpu, nvenc, probe

AV1, HEVC, H264 = OutputCodec.AV1, OutputCodec.HEVC, OutputCodec.H264
AV1_CARD, HEVC_CARD = nvenc(AV1), nvenc(HEVC)


def without(capabilities: Capabilities, *encoders: str) -> Capabilities:
    aside = [SetAside(encoder=e, reason=f"{e.name} broke.") for e in capabilities.encoders if e.name in encoders]
    return replace(capabilities, set_aside=tuple(aside))


def used(rules: EncodingRules, capabilities: Capabilities) -> tuple[str | None, str | None]:
    plan = make_plan(probe(), rules, capabilities)
    return (plan.video.encoder.name if plan.video else plan.explanation.code), plan.fallback


def test_the_same_codec_on_the_cpu_then_another_codec_then_waiting() -> None:
    card = gpu(AV1_CARD, HEVC_CARD)
    broken = without(card, "av1_nvenc")
    assert used(NO_LIMITS, card) == ("av1_nvenc", None)
    name, why = used(NO_LIMITS, broken)
    assert name == "libsvtav1"
    assert why == "av1_nvenc on device 0 is left aside: av1_nvenc broke. libsvtav1 on the CPU does it."
    no_cpu = replace(NO_LIMITS, allow_cpu_fallback=False)
    assert used(no_cpu, broken)[0] == "hevc_nvenc"
    nothing = replace(no_cpu, allow_fallback=False)
    assert used(nothing, broken) == ("av1_nvenc", None)  # it is used all the same: the job waits for it


def test_the_decision_itself_tells_of_the_fallback() -> None:
    plan = make_plan(probe(), NO_LIMITS, without(gpu(AV1_CARD), "av1_nvenc"))
    assert plan.explanation.measured["encoder"] == "libsvtav1"
    assert plan.explanation.measured["fallback"] == plan.fallback
    assert str(plan.fallback) in plan.explanation.detail


def test_a_broken_card_makes_the_cpu_a_fallback_that_can_be_forbidden() -> None:
    broken = replace(CPU_ONLY, cpu_is_fallback=True)
    assert used(NO_LIMITS, broken)[0] == "libsvtav1"
    assert used(replace(NO_LIMITS, allow_cpu_fallback=False), broken)[0] == "no_available_encoders"
    assert used(replace(NO_LIMITS, allow_cpu_fallback=False), CPU_ONLY)[0] == "libsvtav1"


@given(
    aside=st.sets(st.sampled_from(["av1_nvenc", "hevc_nvenc", "libsvtav1", "libx265", "libx264"])),
    codec=st.sampled_from(OutputCodec),
    other_codec=st.booleans(),
    cpu=st.booleans(),
)
def test_setting_encoders_aside_never_breaks_the_owners_rules(
    aside: set[str], codec: OutputCodec, other_codec: bool, cpu: bool
) -> None:
    rules = replace(NO_LIMITS, codec=codec, allow_fallback=other_codec, allow_cpu_fallback=cpu, is_conversion=True)
    card = gpu(AV1_CARD, HEVC_CARD)
    before, after = make_plan(probe(), rules, card), make_plan(probe(), rules, without(card, *aside))
    assert before.action is after.action  # a file is never skipped only because an encoder is out of order
    if after.action is not Action.TRANSCODE:
        return
    assert before.video is not None
    assert after.video is not None
    assert other_codec or after.video.encoder.codec is codec
    assert cpu or "nvenc" in after.video.encoder.name
    if after.video.encoder.name in aside:
        assert after.video.encoder == before.video.encoder
    if after.video.encoder != before.video.encoder:
        assert after.fallback is not None
        assert after.video.encoder.name in after.fallback
