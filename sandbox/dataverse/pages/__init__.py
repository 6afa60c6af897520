"""Pages to look at: what stands in the sandbox, readable on a phone, editable with plain forms, no JavaScript."""
