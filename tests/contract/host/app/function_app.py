"""A small app for the host's tests: it writes one line per event to the file named by EVENTS, from any process."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def note(event: str, **facts: object) -> None:
    """Append one event; a single small append is whole, whoever else writes."""
    line = json.dumps({"event": event, "pid": os.getpid(), **facts}) + "\n"
    with Path(os.environ["EVENTS"]).open("a", encoding="utf-8") as file:
        file.write(line)


@app.queue_trigger(arg_name="msg", queue_name="%WORK_QUEUE%", connection="AzureWebJobsStorage")
def work(msg: func.QueueMessage) -> None:
    """Take as long as the message says, fail as often as it says."""
    order = msg.get_json()
    note("begin", id=order["id"], attempt=msg.dequeue_count)
    time.sleep(order.get("sleep", 0))
    if order.get("fail", 0) >= (msg.dequeue_count or 0):
        raise ValueError("told to fail")
    note("end", id=order["id"], attempt=msg.dequeue_count)


@app.timer_trigger(arg_name="timer", schedule="%TICK%")
def tick(timer: func.TimerRequest) -> None:
    """Take as long as TICK_SLEEP says."""
    note("tick", past_due=timer.past_due)
    time.sleep(float(os.environ.get("TICK_SLEEP", "0")))
    note("tock")


@app.route(route="ping/{name}", methods=["GET"])
def ping(req: func.HttpRequest) -> str:
    """Answer after ?sleep= seconds."""
    time.sleep(float(req.params.get("sleep", "0")))
    return f"pong {req.route_params['name']}"


@app.route(route="send", methods=["POST"])
@app.queue_output(arg_name="out", queue_name="%WORK_QUEUE%", connection="AzureWebJobsStorage")
def send(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
    """Send the body to the queue through the output binding."""
    out.set(req.get_body().decode())
    return func.HttpResponse(status_code=202)
