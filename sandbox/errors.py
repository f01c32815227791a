"""What can be wrong with a request to the control API or with an act on the phone."""


class ActError(Exception):
    """The act cannot be done in this world as it is; the message says why."""


class UnknownThing(ActError):
    """The act names a person, chat, message, mailbox or fault that does not exist."""
