"""Actions of Dynamics 365 Sales over HTTP, unbound and bound to a row, each under the name it is documented by."""
