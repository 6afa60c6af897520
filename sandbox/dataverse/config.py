"""How a sandbox is set up: file, tokens, and every switch whose real value could not be established.

Nothing here is read from the environment; `__main__` fills it from the command line and tests by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .clock import SandboxClock

# Milliseconds of execution time charged to the caller; an assumption, so that a large batch is not free.
DEFAULT_COSTS_MS: dict[str, float] = {"request": 4.0, "row_read": 0.05, "row_write": 12.0}


@dataclass
class DataverseConfig:
    """Settings of one sandbox. Times are seconds of the sandbox clock."""

    db: str = ":memory:"
    image: bytes = field(default=b"", repr=False)
    """What another sandbox's database held, for one in memory that goes on from there."""
    token: str = "app-token"  # noqa: S105 - a fake token of a local sandbox
    salesperson_token: str = "salesperson-token"  # noqa: S105 - as above
    admin_token: str = "admin-token"  # noqa: S105 - as above
    webhook_key: str = "sandbox-webhook-key"
    organization_name: str = "sandboxorg"
    seed: str | None = None
    clock: SandboxClock = field(default_factory=SandboxClock)
    key_activation_s: float = 0.0
    change_tracking_default: bool = False
    rounding: str = "ROUND_HALF_UP"
    accent_insensitive: bool = True
    duplicate_status: int = 500
    lf_batches: bool = False
    product_draft_only: tuple[str, ...] = ()
    enforce_limits: bool = True
    requests_per_window: int = 6000
    execution_s_per_window: int = 1200
    concurrent_requests: int = 52
    window_s: int = 300
    costs_ms: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_COSTS_MS))
    webhook_delay_s: float = 0.0
    webhook_timeout_s: float = 60.0
    deterministic_webhooks: bool = False
    local_webhooks: bool = False
