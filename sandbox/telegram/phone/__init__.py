"""What a person does on their phone: the other side of the Bot API."""

from sandbox.telegram.phone.acts import Saying
from sandbox.telegram.phone.answering import Answering
from sandbox.telegram.phone.business import Business
from sandbox.telegram.phone.groups import Groups
from sandbox.telegram.phone.mischief import Mischief
from sandbox.telegram.phone.writing import Writing

__all__ = ["Phone", "Saying"]


class Phone(Writing, Answering, Groups, Business, Mischief):
    """Acts as the persons of the world. Raises ActError when the app would not let them."""
