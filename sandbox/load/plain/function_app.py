"""The least an endpoint can do: it answers 200. What it costs is the host's and the machine's, not the app's."""

from __future__ import annotations

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.function_name("plain")
@app.route("webhooks/plain", trigger_arg_name="request", methods=["POST"])
def plain(request: func.HttpRequest) -> func.HttpResponse:
    """Take the body, say 200."""
    request.get_body()
    return func.HttpResponse("accepted", status_code=200, mimetype="text/plain")
