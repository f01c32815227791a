"""What touches the network: IMAP and SMTP."""
