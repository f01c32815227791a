"""An IMAP4rev1 server over the mailboxes of the world."""
