"""Visitors without a browser: they speak Streamlit's own protocol, so that forty of them fit on two cores.

A visitor opens a page by its link, presses a button, answers the trial that it is shown, all with the messages that a
browser sends; what comes back is read as far as these need it.
"""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 300.0  # seconds
_EVENTS = "$$STREAMLIT_INTERNAL_KEY_{}__events"  # as the script of a component names what it triggers


@dataclass
class Visitor:
    """One tab of a browser, on the page *See it?*.

    Attributes:
        address: of the app.
        query: of the page's link; the server changes it.
        number: of the trial that is shown; None before there is one.
        trial: what the browser got to know of it.
        said: all alerts.
        looks: how often a part of the page was drawn again by itself.
    """

    address: str
    query: str
    number: int | None = None
    trial: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    metrics: dict[str, str] = field(default_factory=dict)
    charts: int = 0
    looks: int = 0
    _buttons: dict[str, str] = field(default_factory=dict)
    _page: str = ""
    _component: str = ""
    _fragment: str = ""
    _socket: ClientConnection | None = None
    _tasks: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _finished: int = 0

    async def open(self) -> None:
        """Open the page, and wait until it has been drawn."""
        socket = f"ws{self.address.removeprefix('http')}/_stcore/stream"
        self._socket = await connect(socket, subprotocols=["streamlit"], max_size=None, open_timeout=PATIENCE)  # type: ignore[list-item]
        self._news = asyncio.Condition()  # of the loop that runs now
        self._tasks["reading"] = asyncio.create_task(self._read())
        before = self._finished
        await self._send(BackMsg(), page_name="see")
        await self.until(lambda: self._finished > before)

    async def press(self, label: str, times: int = 1) -> None:
        """Press a button, once or in quick succession."""
        message = BackMsg()
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id, widget.trigger_value = self._buttons[label], True
        for _ in range(times):
            await self._send(message)

    async def answer(self, chosen: int, times: int = 1) -> None:
        """Send an answer to the trial that is shown, once or more often, and wait for nothing."""
        message = BackMsg()
        widget = message.rerun_script.widget_states.widgets.add()
        value = {"number": self.number, "chosen": chosen, "seconds": 0.8}
        widget.id = _EVENTS.format(self._component)
        widget.json_trigger_value = json.dumps([{"event": "answer", "value": value}])
        for _ in range(times):
            await self._send(message, fragment=self._fragment)

    async def acknowledged(self, chosen: int, times: int = 1) -> float:
        """Answer, and wait for the next trial; the seconds that this took."""
        number, started = self.number, time.perf_counter()
        assert number is not None
        await self.answer(chosen, times)
        await self.until(lambda: self.number == number + 1)
        return time.perf_counter() - started

    async def until(self, holds: Any) -> None:
        """Wait for news until something holds; the connection's end is an error."""
        async with self._news, asyncio.timeout(PATIENCE):
            while not holds():
                assert not self._tasks["reading"].done(), f"the connection ended; {self.said}"
                await self._news.wait()

    async def leave(self) -> None:
        """Drop the connection; another one is another session."""
        for task in self._tasks.values():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()
        assert self._socket is not None
        await self._socket.close()
        self.number = None

    async def _send(self, message: BackMsg, page_name: str = "", fragment: str = "", auto: bool = False) -> None:
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = self.query, self._page, page_name
        state.fragment_id, state.is_auto_rerun = fragment, auto
        state.context_info.url, state.context_info.timezone = f"{self.address}/see", "UTC"
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for payload in self._socket:
                message = ForwardMsg()
                message.ParseFromString(payload)
                self._take(message)
                async with self._news:
                    self._news.notify_all()
        except Exception:  # the server is gone
            pass
        finally:
            async with self._news:
                self._news.notify_all()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "script_finished":
            self._finished += 1
        elif kind == "auto_rerun":
            name = message.auto_rerun.fragment_id
            if name in self._tasks:
                self._tasks.pop(name).cancel()
            self._tasks[name] = asyncio.create_task(self._look(name, message.auto_rerun.interval))
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._draw(message)

    def _draw(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "button":
            self._buttons[element.button.label] = element.button.id
        elif kind == "alert":
            self.said.append(element.alert.body)
        elif kind == "metric":
            self.metrics[element.metric.label] = element.metric.body
        elif kind == "plotly_chart":
            self.charts += 1
        elif kind == "bidi_component" and element.bidi_component.component_name == "gradlab.blind":
            self._component, self._fragment = element.bidi_component.id, message.delta.fragment_id
            self.trial = json.loads(element.bidi_component.json)
            self.number = self.trial["number"]

    async def _look(self, fragment: str, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            self.looks += 1
            await self._send(BackMsg(), fragment=fragment, auto=True)
