"""`python -m sandbox.load`: the webhook endpoint under more than it will ever meet, beside one that only answers 200.

Both are served by the local Functions host, in processes of their own. Must never import the app: what was accepted is
counted on the queues themselves.
"""
