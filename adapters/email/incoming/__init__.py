"""From a mail to the event that core understands. Pure."""
