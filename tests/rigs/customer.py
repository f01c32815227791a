"""A customer of the sandbox: what they do on their phone and in their mail, and what they see."""

from typing import Any

from sandbox.mail.mailboxes import INBOX
from sandbox.mail.programs import Enclosure, Letter, attachment
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.state import Bot, Chat, Message


class Customer:
    """One of the sandbox's persons by their key."""

    def __init__(self, sandbox: Sandbox, key: str) -> None:
        self._sandbox, self._key = sandbox, key
        self.person = sandbox.world.person(key)

    # --- on the phone

    def says(self, text: str) -> Message:
        return self._sandbox.phone.say(self._key, text)

    def sends_file(self, name: str, content: bytes, caption: str = "") -> Message:
        saying = Saying(text=caption)
        return self._sandbox.phone.send_file(self._key, content, name, saying=saying)

    @property
    def chat(self) -> Chat:
        """The private chat with the bot."""
        return next(
            chat for chat in self._sandbox.world.telegram.chats_of(self.person) if chat.private
        )

    @property
    def answers(self) -> list[Message]:
        """What the bot has sent to the phone."""
        return [one for one in self.chat.messages.values() if isinstance(one.sender, Bot)]

    @property
    def read_on_phone(self) -> list[str]:
        return [message.text for message in self.answers]

    # --- in the mail program

    def writes(
        self, text: str, *, subject: str = "", in_reply_to: str | None = None, **files: bytes
    ) -> str:
        """-> the Message-ID."""
        enclosures = [Enclosure(f"{name}.bin", content) for name, content in files.items()]
        letter = Letter(text=text, subject=subject, in_reply_to=in_reply_to, enclosures=enclosures)
        return self._sandbox.mail_programs.send(self._key, letter)

    @property
    def mails(self) -> list[dict[str, Any]]:
        """What has come by mail, oldest first."""
        read = self._sandbox.mail_programs.read(self.person.address)
        return [mail for mail in read if mail["folder"] == INBOX]

    @property
    def read_by_mail(self) -> list[str]:
        """The first line of each mail."""
        return [str(mail["text"]).partition("\n")[0].strip() for mail in self.mails]

    def enclosed(self, position: int = 0) -> bytes | None:
        """A file that came with the newest mail."""
        inbox = self._sandbox.mail_programs.mailbox(self._key).inbox
        return attachment(inbox.messages[-1], position)
