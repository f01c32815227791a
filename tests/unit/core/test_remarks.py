"""Several connections of one mailbox, and what an operator sees of them."""

from core.remarks import Remarks


def test_everything_that_is_wrong_is_shown_until_it_is_mended() -> None:
    """An operator who saw one trouble alone would think the mailbox well when that is over."""
    shown: list[str] = []
    remarks = Remarks(shown.append)

    news = [
        remarks.say("main", "it hung up"),
        remarks.say("main", "it hung up"),
        remarks.say("old", "it hung up"),
        remarks.say("rounds", "no such folder"),
        remarks.say("main", ""),
        remarks.say("old", ""),
        remarks.say("rounds", ""),
        remarks.say("rounds", ""),
    ]

    assert shown == [
        "it hung up",
        "it hung up; also: no such folder",
        "no such folder",
        "",
    ]
    assert news == [True, False, True, True, True, True, True, False]
