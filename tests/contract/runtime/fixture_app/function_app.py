"""A small app with one function of each kind, for the oracle's own tests."""

from __future__ import annotations

import json
import os

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.function_name("clock")
@app.timer_trigger(arg_name="timer", schedule="%CLOCK_SCHEDULE%", run_on_startup=False)
def clock(timer: func.TimerRequest) -> None:
    """Fail when it is past due, so that the payload can be seen to arrive."""
    if timer.past_due:
        raise RuntimeError("past due")


@app.function_name("hook")
@app.route(route="hooks/{shop}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def hook(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Answer what arrived."""
    seen = [req.route_params.get("shop"), req.headers.get("X-Topic"), req.get_body().decode(), context.function_name]
    return func.HttpResponse(json.dumps(seen), status_code=202)


@app.function_name("worker")
@app.queue_trigger(arg_name="msg", queue_name="work-items", connection="AzureWebJobsStorage")
@app.queue_output(arg_name="out", queue_name="results", connection="AzureWebJobsStorage")
def worker(msg: func.QueueMessage, out: func.Out[str]) -> None:
    """Send on what arrived, with a setting."""
    out.set(f"{msg.get_json()['id']} {msg.dequeue_count} {os.environ.get('GREETING', 'none')}")
