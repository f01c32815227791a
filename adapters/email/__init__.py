"""The e-mail channel: one mailbox, read by IMAP and answered by SMTP."""
