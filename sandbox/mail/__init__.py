"""The mail host: mailboxes, submission by SMTP, and the mail programs of the persons."""
