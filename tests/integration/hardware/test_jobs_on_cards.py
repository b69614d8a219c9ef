"""Jobs on a made-up machine with two cards, the second without AV1: choice of device, failures, and the owner's policy."""

from pathlib import Path

import av
import pytest

from alchemist_desktop.domain.attempt import AttemptOutcome
from alchemist_desktop.domain.events import DecisionMade, HardwareChanged
from alchemist_desktop.domain.hardware import CellState
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.profile import OutputCodec
from tests.integration.hardware.machine import EVERY, TWO_CARDS, Machine
from tests.support.core import collect, jobs_of, until
from tests.support.hardware import NVIDIA_0

pytestmark = pytest.mark.anyio

ONE_CARD = {"cards": {"0": EVERY}}
NO_CPU: dict[str, object] = {"allow_cpu_fallback": False}


def codec_of(path: str) -> str:
    with av.open(path) as container:
        return container.streams.video[0].codec_context.name


async def test_a_job_runs_on_the_best_card(tmp_path: Path) -> None:
    machine = Machine(tmp_path, TWO_CARDS)
    machine.film()
    async with machine.core(transcode={"output_codec": "av1"}) as core:
        job = (await machine.process(core))["film.mkv"]
    assert (job.state, job.encoder) == (JobState.COMPLETED, "av1_nvenc")
    assert "av1" in codec_of(job.output_path)
    assert machine.encodes() == [("av1_nvenc", "0")]
    assert job.decision is not None
    assert "fallback" not in job.decision.measured


async def test_two_jobs_work_on_two_cards(tmp_path: Path) -> None:
    machine = Machine(tmp_path, TWO_CARDS)
    machine.film("one.mkv")
    machine.film("two.mkv")
    async with machine.core(system={"engine_mode": "throughput"}, transcode={"concurrent_jobs": 2}) as core:
        await core.services.engine.set_mode(core.services.engine.status().mode, jobs_override=2)
        jobs = await machine.process(core)
    assert {job.state for job in jobs.values()} == {JobState.COMPLETED}
    assert sorted(machine.encodes()) == [("hevc_nvenc", "0"), ("hevc_nvenc", "1")]


async def test_a_chosen_card_alone_is_used(tmp_path: Path) -> None:
    machine = Machine(tmp_path, TWO_CARDS)
    machine.film()
    chosen = {"device_path": "/dev/nvidia1", **NO_CPU}
    async with machine.core(transcode={"output_codec": "av1"}, hardware=chosen) as core:
        job = (await machine.process(core))["film.mkv"]
    assert machine.encodes() == [("hevc_nvenc", "1")]  # it has no AV1, and another codec is allowed
    assert job.decision is not None
    assert "hevc_nvenc is used instead" in str(job.decision.measured["fallback"])


async def test_a_card_lost_in_mid_job_leads_to_a_new_plan_for_the_cpu_and_is_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {**ONE_CARD, "mode": {"0": "lost"}}, devices=[NVIDIA_0])
    source = machine.film()
    before = source.read_bytes()
    async with machine.core() as core:
        told = collect(core)
        job = (await machine.process(core))["film.mkv"]
        details = await core.services.jobs.details(job.id)
    assert (job.state, job.encoder, codec_of(job.output_path)) == (JobState.COMPLETED, "libx265", "hevc")
    assert source.read_bytes() == before
    first, second = sorted(details.attempts, key=lambda attempt: attempt.attempt_number)
    assert (first.outcome, first.encoder, first.failure_code) == (AttemptOutcome.FAILED, "hevc_nvenc", "hardware_backend_failure")
    assert "device not exist" in first.stderr_tail
    assert (second.outcome, second.encoder) == (AttemptOutcome.COMPLETED, "libx265")
    assert not [word for word in second.command if "nvenc" in word or "hwupload" in word or "p010" in word]
    assert job.decision is not None
    fallback = str(job.decision.measured["fallback"])
    assert fallback.startswith("hevc_nvenc on /dev/nvidia0 is left aside: The GPU failed.")
    assert "libx265 on the CPU does it" in fallback
    decisions = [event.explanation.measured.get("encoder") for event in told if isinstance(event, DecisionMade)]
    assert decisions == [None, "libx265"]


async def test_another_codec_on_the_card_where_the_cpu_is_not_allowed(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {**ONE_CARD, "mode": {"0:av1_nvenc": "refuse"}}, devices=[NVIDIA_0])
    machine.film()
    async with machine.core(transcode={"output_codec": "av1"}, hardware=NO_CPU) as core:
        job = (await machine.process(core))["film.mkv"]
    assert (job.state, job.encoder) == (JobState.COMPLETED, "hevc_nvenc")
    assert machine.encodes() == [("av1_nvenc", "0"), ("hevc_nvenc", "0")]


async def test_where_no_fallback_is_allowed_the_job_waits(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {**ONE_CARD, "mode": {"0": "refuse"}}, devices=[NVIDIA_0])
    machine.film()
    async with machine.core(transcode={"allow_fallback": False}, hardware=NO_CPU) as core:
        job = (await machine.process(core))["film.mkv"]
        details = await core.services.jobs.details(job.id)
    assert job.state is JobState.QUEUED
    assert job.not_before is not None
    assert [attempt.failure_code for attempt in details.attempts] == ["hardware_backend_failure"]
    assert machine.encodes() == [("hevc_nvenc", "0")]


async def test_a_broken_card_whose_owner_forbids_the_cpu_keeps_its_jobs_waiting(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"cards": {}}, devices=[NVIDIA_0])
    machine.film()
    async with machine.core(hardware=NO_CPU) as core:
        job = (await machine.process(core))["film.mkv"]
        details = await core.services.jobs.details(job.id)
    assert job.state is JobState.QUEUED
    assert job.not_before is not None
    assert job.failure is not None
    assert job.failure.code == "fallback_blocked"
    assert "do not allow the CPU to step in" in job.failure.detail
    assert details.attempts == ()
    assert machine.encodes() == []


async def test_a_broken_card_leaves_the_work_to_the_cpu_where_that_is_allowed(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"cards": {}}, devices=[NVIDIA_0])
    machine.film()
    async with machine.core() as core:
        job = (await machine.process(core))["film.mkv"]
    assert (job.state, job.encoder) == (JobState.COMPLETED, "libx265")


async def test_a_card_without_room_hands_over_to_the_next_and_is_not_blamed(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {**TWO_CARDS, "mode": {"0": "sessions"}})
    machine.film()
    async with machine.core() as core:
        job = (await machine.process(core))["film.mkv"]
        details = await core.services.jobs.details(job.id)
        assert core.parts.encoders.set_aside() == ()
    assert (job.state, machine.encodes()) == (JobState.COMPLETED, [("hevc_nvenc", "0"), ("hevc_nvenc", "1")])
    codes = {attempt.failure_code for attempt in details.attempts}
    assert codes == {"nvenc_resource_exhausted", None}


async def test_half_a_file_with_a_good_exit_code_is_found_out(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {**ONE_CARD, "mode": {"0": "half"}}, devices=[NVIDIA_0])
    machine.film()
    async with machine.core() as core:
        job = (await machine.process(core))["film.mkv"]
        details = await core.services.jobs.details(job.id)
    assert (job.state, job.encoder) == (JobState.COMPLETED, "libx265")
    first = min(details.attempts, key=lambda attempt: attempt.attempt_number)
    assert (first.encoder, first.failure_code) == ("hevc_nvenc", "verification_failed")


async def test_a_hanging_card_is_given_up_after_the_stall_limit(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {**ONE_CARD, "mode": {"0": "hang"}}, devices=[NVIDIA_0])
    machine.film()
    async with machine.core(engine={"stall_timeout_s": 5}) as core:
        job = (await machine.process(core))["film.mkv"]
        details = await core.services.jobs.details(job.id)
    assert (job.state, job.encoder) == (JobState.COMPLETED, "libx265")
    assert {attempt.failure_code for attempt in details.attempts} == {"stalled", None}


async def test_three_failures_in_a_row_set_an_encoder_aside_until_it_is_proved_anew(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {**ONE_CARD, "mode": {"0": "refuse"}}, devices=[NVIDIA_0])
    for number in range(3):
        machine.film(f"film {number}.mkv")
    async with machine.core() as core:
        told = collect(core)
        await machine.process(core)
        assert len(machine.encodes()) == 3
        assert any(isinstance(event, HardwareChanged) for event in told)
        state = core.services.hardware.state()
        assert state is not None
        cell = state.matrix.cell(NVIDIA_0.id, OutputCodec.HEVC, 8, state.set_aside)
        assert cell.state is CellState.SET_ASIDE
        assert "3 times in a row" in cell.reason
        assert "Cannot load libcuda" in cell.reason
        machine.film("film 3.mkv")
        await machine.process(core)
        assert len(machine.encodes()) == 3  # the card is not asked any more
        machine.configure(mode={})
        await core.services.hardware.probe()
        machine.film("film 4.mkv")
        await machine.process(core)
        jobs = await until(core, lambda jobs: jobs["film 4.mkv"].state.is_terminal)
    assert (jobs["film 3.mkv"].encoder, jobs["film 4.mkv"].encoder) == ("libx265", "hevc_nvenc")


async def test_the_engine_starts_nothing_before_it_knows_the_cards(tmp_path: Path) -> None:
    machine = Machine(tmp_path, TWO_CARDS)
    machine.film()
    async with machine.core() as core:
        assert core.services.engine.status().hardware_pending is True
        await core.scanner.scan_folder(str(machine.library))
        jobs = await jobs_of(core)
        assert jobs["film.mkv"].state is JobState.QUEUED
        job = (await until(core, lambda jobs: jobs["film.mkv"].state.is_terminal))["film.mkv"]
    assert (job.state, job.encoder) == (JobState.COMPLETED, "hevc_nvenc")
