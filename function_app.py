"""Every trigger of the app and nothing else: one loop over FLOWS declares timer, webhook, worker and loader of each.

Importing this file needs no environment and opens no connection; all work is done by shared.app, made on first use.
Schedules are UTC, six fields, and come from settings (%FLOW_SCHEDULE%). No value of a record leaves by a log.
"""

from __future__ import annotations

import azure.functions as func

from shared import app as actions
from shared.flows import FLOWS
from shared.sync.flow import Flow
from shared.telemetry import discreet, guard_logs

STORAGE = "AzureWebJobsStorage"

guard_logs()

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def declare(flow: Flow) -> None:
    """Declare the four functions of one flow. Webhooks are anonymous: their signature is the authorisation."""
    queue = flow.name.replace("_", "-")

    def tick(timer: func.TimerRequest) -> None:
        with discreet():
            actions.tick(flow.name)

    def receive(request: func.HttpRequest) -> func.HttpResponse:
        with discreet():
            status, text = actions.receive(flow.name, request.headers, request.get_body())
            return func.HttpResponse(text, status_code=status, mimetype="text/plain")

    def work(message: func.QueueMessage) -> None:
        with discreet():
            actions.work(flow.name, message.get_body(), delivery=message.dequeue_count or 1)

    def load(message: func.QueueMessage) -> None:
        with discreet():
            actions.work(flow.name, message.get_body(), delivery=message.dequeue_count or 1)

    schedule = f"%{flow.setting}_SCHEDULE%"
    app.function_name(f"{flow.name}_timer")(app.timer_trigger("timer", schedule=schedule)(tick))
    app.function_name(f"{flow.name}_webhook")(
        app.route(f"webhooks/{flow.name}", trigger_arg_name="request", methods=["POST"])(receive)
    )
    app.function_name(f"{flow.name}_worker")(app.queue_trigger("message", f"sync-{queue}", STORAGE)(work))
    app.function_name(f"{flow.name}_loader")(app.queue_trigger("message", f"load-{queue}", STORAGE)(load))


for declared in FLOWS:
    declare(declared)


@app.function_name("housekeeping")
@app.timer_trigger("timer", schedule="%HOUSEKEEPING_SCHEDULE%")
def housekeeping(timer: func.TimerRequest) -> None:
    """Sweep poison queues, release what was held, delete what is past its keeping time."""
    with discreet():
        actions.housekeeping()


@app.function_name("health")
@app.route("health", trigger_arg_name="request", methods=["GET"])
def health(request: func.HttpRequest) -> func.HttpResponse:
    """Whether the app can do its work: settings, state, and every flow's mode; no secrets, no personal data."""
    with discreet():
        status, body = actions.health()
        return func.HttpResponse(body, status_code=status, mimetype="application/json")
