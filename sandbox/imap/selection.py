"""A folder as one connection sees it: with sequence numbers that change only when it is told so."""

from sandbox.imap.search import Candidate
from sandbox.imap.sets import NumberSet
from sandbox.mail.mailboxes import Folder, StoredMail


class Selection:
    """The messages that the other side knows of, in the order of their sequence numbers."""

    def __init__(self, folder: Folder, *, read_only: bool) -> None:
        self.folder = folder
        self.read_only = read_only
        self.known: list[StoredMail] = list(folder.messages)

    def candidates(self) -> list[Candidate]:
        """Every known message with its sequence number."""
        return [Candidate(number, mail) for number, mail in enumerate(self.known, start=1)]

    def chosen(self, text: str, *, by_uid: bool) -> list[Candidate]:
        """The known messages that a sequence set or a set of UIDs names."""
        numbers = NumberSet(text, self.last_uid if by_uid else len(self.known))
        return [
            one for one in self.candidates() if (one.mail.uid if by_uid else one.number) in numbers
        ]

    @property
    def last_uid(self) -> int:
        """What "*" stands for among UIDs; 0 in an empty folder."""
        return self.known[-1].uid if self.known else 0

    def catch_up(self, *, expunges: bool) -> list[str]:
        """Untagged responses about what changed since; expunges only where the protocol allows."""
        news: list[str] = []
        present = set(map(id, self.folder.messages))
        if expunges:
            for one in reversed(self.candidates()):
                if id(one.mail) not in present:
                    del self.known[one.number - 1]
                    news.append(f"{one.number} EXPUNGE")
        seen = set(map(id, self.known))
        arrived = [mail for mail in self.folder.messages if id(mail) not in seen]
        if arrived:
            self.known.extend(arrived)
            news.append(f"{len(self.known)} EXISTS")
        return news
