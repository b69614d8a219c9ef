"""What happens when the best encoder is not to be used just now: the owner's rules decide, and the plan says so."""

from dataclasses import replace

from alchemist_desktop.domain.capability import Backend, Capabilities, Encoder
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.planner.containers import Container
from alchemist_desktop.domain.planner.encoders import EncoderChoice, choose_encoder
from alchemist_desktop.domain.profile import EncodingRules


def choose_available(
    rules: EncodingRules, capabilities: Capabilities, container: Container, *, wants_10bit: bool
) -> EncoderChoice | Explanation:
    """The best encoder that is not set aside. Where the rules allow no other, it is used all the same: the job waits for it."""
    first = choose_encoder(rules, capabilities, container, wants_10bit=wants_10bit)
    if not capabilities.set_aside or isinstance(first, Explanation):
        return first
    second = choose_encoder(rules, available(capabilities), container, wants_10bit=wants_10bit)
    if isinstance(second, Explanation) or second.encoder == first.encoder:
        return first
    why = next(each.reason for each in capabilities.set_aside if each.encoder == first.encoder)
    place = "the CPU" if second.encoder.backend is Backend.CPU else _place(second.encoder)
    sentence = f"{first.encoder.name} on {_place(first.encoder)} is left aside: {why} {second.encoder.name} on {place} does it."
    return EncoderChoice(encoder=second.encoder, fallback=sentence)


def available(capabilities: Capabilities) -> Capabilities:
    """What is left without the encoders that are set aside."""
    aside = {each.encoder for each in capabilities.set_aside}
    left = tuple(encoder for encoder in capabilities.encoders if encoder not in aside)
    return replace(capabilities, encoders=left, set_aside=())


def with_fallback(explanation: Explanation, choice: EncoderChoice) -> Explanation:
    """The reason for an encode, telling also why its encoder is not the first choice."""
    if choice.fallback is None:
        return explanation
    measured = {**explanation.measured, "encoder": choice.encoder.name, "fallback": choice.fallback}
    return replace(explanation, detail=f"{explanation.detail} {choice.fallback}", measured=measured)


def _place(encoder: Encoder) -> str:
    return encoder.device_path or f"device {encoder.device_index}"
