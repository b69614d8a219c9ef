"""The batched loop keeps asyncio's promises on Qt's loop."""

import asyncio
import contextvars
import gc
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

from alchemist_desktop.app.loop import BatchedQtLoop

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def loop(qapp: QCoreApplication) -> Iterator[BatchedQtLoop]:
    loop = BatchedQtLoop(qapp)
    yield loop
    if not loop.is_closed():
        loop.close()


@pytest.fixture
def run(qapp: QCoreApplication) -> Iterator[Run]:
    with asyncio.Runner(loop_factory=lambda: BatchedQtLoop(qapp)) as runner:
        yield runner.run


def test_ready_callbacks_run_in_the_order_they_came(run: Run) -> None:
    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        seen: list[int] = []
        for number in range(1000):
            loop.call_soon(seen.append, number)
        done = loop.create_future()
        loop.call_soon(done.set_result, None)
        await done
        return seen

    assert run(main()) == list(range(1000))


def test_timers_run_in_the_order_of_their_times(run: Run) -> None:
    async def main() -> list[str]:
        seen: list[str] = []
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        loop.call_later(0.03, done.set_result, None)
        loop.call_later(0.02, seen.append, "later")
        loop.call_later(0.001, seen.append, "sooner")
        loop.call_at(loop.time() - 1, seen.append, "overdue")
        await done
        return seen

    assert run(main()) == ["overdue", "sooner", "later"]


def test_a_timer_never_runs_before_its_time(run: Run) -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        early: list[float] = []
        for delay_s in (0.0004, 0.0011, 0.0035, 0.01):
            due_s = loop.time() + delay_s
            await asyncio.sleep(delay_s)
            early.append(max(0.0, due_s - loop.time()))
        return early

    assert run(main()) == [0.0] * 4


def test_callbacks_that_call_each_other_leave_qt_its_turn(run: Run) -> None:
    """Two tasks that never wait must not keep a Qt timer from firing."""

    async def main() -> int:
        fired: list[int] = []
        timer = QTimer()
        timer.timeout.connect(lambda: fired.append(1))
        timer.start(0)

        async def spin() -> None:
            while len(fired) < 5:  # never waiting is what is tested
                await asyncio.sleep(0)

        async with asyncio.timeout(20):
            await asyncio.gather(spin(), spin())
        timer.stop()
        return len(fired)

    assert run(main()) >= 5


def test_a_long_batch_is_cut_into_slices(run: Run) -> None:
    async def main() -> bool:
        loop = asyncio.get_running_loop()
        order: list[str] = []
        QTimer.singleShot(0, lambda: order.append("qt"))

        def work() -> None:
            order.append("work")
            time.sleep(0.005)

        for _ in range(20):
            loop.call_soon(work)
        done = loop.create_future()
        loop.call_soon(done.set_result, None)
        await done
        return order.index("qt") < 19

    assert run(main())


def test_cancelled_timers_are_swept_and_the_others_kept(loop: BatchedQtLoop) -> None:
    kept = loop.call_later(0.01, loop.stop)
    for _ in range(5000):
        loop.call_later(3600, print).cancel()
    assert len(loop._timers) < 250
    loop.run_forever()
    assert kept not in loop._timers


def test_a_cancelled_callback_does_not_run(run: Run) -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        seen: list[str] = []
        loop.call_soon(seen.append, "soon").cancel()
        loop.call_later(0, seen.append, "later").cancel()
        due = loop.call_later(0, seen.append, "due")
        loop.call_soon(due.cancel)
        await asyncio.sleep(0.01)
        return seen

    assert run(main()) == []


def test_calls_from_threads_wake_an_idle_loop_and_keep_their_context(run: Run) -> None:
    name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="nobody")

    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        seen: list[str] = []
        done = asyncio.Event()

        def report() -> None:
            assert threading.current_thread() is threading.main_thread()
            seen.append(name.get())
            if len(seen) == 200:
                done.set()

        def call_often() -> None:
            context = contextvars.copy_context()
            context.run(name.set, "worker")
            for _ in range(100):
                loop.call_soon_threadsafe(report, context=context)

        threads = [threading.Thread(target=call_often) for _ in range(2)]
        for thread in threads:
            thread.start()
        async with asyncio.timeout(20):
            await done.wait()
        for thread in threads:
            thread.join()
        return seen

    assert run(main()) == ["worker"] * 200


def test_threads_of_the_executor_give_results_and_errors_back(run: Run) -> None:
    async def main() -> tuple[int, str]:
        with pytest.raises(ZeroDivisionError) as caught:
            await asyncio.to_thread(divmod, 1, 0)
        return await asyncio.to_thread(sum, [1, 2, 3]), str(caught.value)

    assert run(main())[0] == 6


def test_an_exception_in_a_callback_goes_to_the_exception_handler(run: Run) -> None:
    async def main() -> list[BaseException]:
        loop = asyncio.get_running_loop()
        errors: list[BaseException] = []
        loop.set_exception_handler(lambda _, context: errors.append(context["exception"]))
        loop.call_soon(lambda: 1 / 0)
        loop.call_later(0.001, lambda: [][0])
        await asyncio.sleep(0.02)
        return errors

    assert [type(error) for error in run(main())] == [ZeroDivisionError, IndexError]


def test_system_exit_in_a_task_ends_the_loop_and_reaches_the_caller(run: Run) -> None:
    async def main() -> None:
        raise SystemExit(7)

    with pytest.raises(SystemExit) as caught:
        run(main())
    assert caught.value.code == 7


def test_tasks_are_cancelled_when_the_runner_closes(qapp: QCoreApplication) -> None:
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.001)
            ended.append("cleaned up")

    async def main() -> None:
        task = asyncio.create_task(forever())
        await asyncio.sleep(0)
        assert not task.done()

    with asyncio.Runner(loop_factory=lambda: BatchedQtLoop(qapp)) as runner:
        runner.run(main())
    assert ended == ["cleaned up"]


def test_tasks_that_are_ready_when_main_returns_keep_their_loop(run: Run) -> None:
    async def step_often() -> int:
        for _ in range(50):
            await asyncio.sleep(0)  # needs a running loop at each step
        return 50

    async def main() -> asyncio.Task[int]:
        return asyncio.create_task(step_often())

    async def collect(task: asyncio.Task[int]) -> int:
        return await task

    assert run(collect(run(main()))) == 50


def test_an_abandoned_async_generator_is_closed(run: Run) -> None:
    async def main() -> list[str]:
        closed: list[str] = []

        async def numbers() -> AsyncIterator[int]:
            try:
                yield 1
                yield 2
            finally:
                await asyncio.sleep(0)
                closed.append("closed")

        async for _ in numbers():
            break
        gc.collect()
        await asyncio.sleep(0.01)
        return closed

    assert run(main()) == ["closed"]


def test_a_nested_qt_loop_delays_other_tasks_and_does_not_break_them(run: Run) -> None:
    async def main() -> int:
        ticks: list[int] = []

        async def tick() -> None:
            while len(ticks) < 30:
                ticks.append(1)
                await asyncio.sleep(0.001)

        other = asyncio.create_task(tick())
        await asyncio.sleep(0)
        nested = QEventLoop()
        QTimer.singleShot(20, nested.quit)
        nested.exec()
        async with asyncio.timeout(20):
            await other
        return len(ticks)

    assert run(main()) == 30


def test_sockets_work_both_ways(run: Run) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(300_000))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def main() -> int:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"x" * 300_000)
            answer = await reader.read(-1)
            writer.close()
            await writer.wait_closed()
        return len(answer)

    assert run(main()) == 300_000


def test_a_closed_loop_takes_nothing(loop: BatchedQtLoop) -> None:
    loop.close()
    for call in (loop.call_soon, loop.call_soon_threadsafe):
        with pytest.raises(RuntimeError):
            call(print)
    with pytest.raises(RuntimeError):
        loop.call_later(1, print)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals of this kind")
def test_sigterm_wakes_an_idle_loop() -> None:
    program = [sys.executable, str(Path(__file__).with_name("loop_program.py"))]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "idle\n"
        child.send_signal(signal.SIGTERM)
        assert child.stdout.readline() == "stopped\n"
        assert child.wait(20) == 0
