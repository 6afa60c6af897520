"""A Dataverse Web API v9.2 server over SQLite, for development and tests.

It models the vendor from documentation and real schema data. It must never import `shared`, and it must never
be bent to suit the app or a test: a sandbox that flatters the app is worse than none.
"""
