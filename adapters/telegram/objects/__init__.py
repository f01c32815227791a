"""The Bot API's objects as updates hold them, each field read, lost or a copy."""
