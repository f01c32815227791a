"""The API, the live stream and the agent's page, over HTTP."""
