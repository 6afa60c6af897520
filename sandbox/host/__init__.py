"""A local Azure Functions host for any app of the Python v2 programming model.

Behaves as the real host and its storage extensions do (webjobs-sdk, timers extension, NCrontab), reads the app
through azure-functions' public API only, and checks at start what Microsoft's worker does not. Knows nothing
about the app it hosts; must never import `shared`.
"""
