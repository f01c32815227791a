"""The e-mail channel: one mailbox, read by IMAP and answered by SMTP."""

from adapters.email.adapter import open_adapter

__all__ = ["open_adapter"]
