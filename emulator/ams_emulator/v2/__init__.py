"""Version 2 of the service: OData over HTTPS, one endpoint for each account, tokens of its own."""
