"""OData queries: options are parsed, compiled to SQL and answered page by page."""
