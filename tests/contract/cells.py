"""What people can do on platforms, and by which test each of it is proved, in and out."""

from enum import StrEnum
from typing import Final, NamedTuple


class Cell(StrEnum):
    """A row of the capability matrix."""

    TEXT = "text"
    FORMAT = "format"
    EDIT = "edit"
    DELETE = "delete"
    REACTION = "reaction"
    REPLY = "reply"
    QUOTE = "partial quote"
    THREAD = "thread"
    COPY = "copy to others"
    TYPING = "typing"
    READ = "read receipt"
    DELIVERED = "delivery receipt"
    BUTTONS = "buttons"
    FILES = "files"
    ALBUM = "album"
    VOICE = "voice"
    PLACE = "location"
    CARD = "contact"
    GROUP = "group"
    FIRST = "first word"


class Proof(NamedTuple):
    """The names of the tests; empty where no channel that we have can do it in that direction."""

    heard: str = ""
    sent: str = ""


PROOFS: Final = {
    Cell.TEXT: Proof(
        "test_the_longest_text_that_can_be_written_is_heard_whole",
        "test_the_longest_text_that_is_promised_arrives_whole",
    ),
    Cell.FORMAT: Proof(
        "test_what_is_written_in_bold_is_heard_in_bold",
        "test_every_style_that_is_promised_survives",
    ),
    Cell.EDIT: Proof(
        "test_a_message_that_is_corrected_is_the_same_message",
        "test_what_was_sent_can_be_changed_where_that_is_promised",
    ),
    Cell.DELETE: Proof(
        "test_a_message_that_is_taken_back_is_named",
        "test_what_was_sent_can_be_taken_back_where_that_is_promised",
    ),
    Cell.REACTION: Proof(
        "test_a_reaction_names_what_it_is_to_and_is_taken_back",
        "test_our_reaction_is_the_one_we_gave_last",
    ),
    Cell.REPLY: Proof(
        "test_an_answer_names_what_it_answers",
        "test_a_reply_shows_which_message_it_answers",
    ),
    Cell.QUOTE: Proof(
        "test_of_a_partial_quote_the_part_is_heard",
        "test_the_part_that_is_quoted_is_seen_as_such",
    ),
    Cell.THREAD: Proof(
        "test_one_person_in_two_threads_is_one_person",
        "test_a_reply_goes_into_the_thread_of_its_question",
    ),
    Cell.COPY: Proof(
        "test_whoever_else_got_it_is_named",
        "test_a_copy_goes_to_whom_the_agent_names_where_that_is_promised",
    ),
    Cell.TYPING: Proof(
        "test_a_customer_is_seen_writing", "test_the_customer_sees_that_we_are_writing"
    ),
    Cell.READ: Proof("test_that_an_answer_was_read_is_heard"),
    Cell.DELIVERED: Proof("test_what_became_of_an_answer_is_heard"),
    Cell.BUTTONS: Proof(
        "test_a_pressed_button_says_which_and_of_what",
        "test_buttons_are_offered_or_listed",
    ),
    Cell.FILES: Proof(
        "test_an_attachment_can_be_fetched_byte_for_byte",
        "test_a_file_of_each_kind_arrives_byte_for_byte_as_what_is_promised",
    ),
    Cell.ALBUM: Proof(
        "test_the_files_of_an_album_belong_together",
        "test_several_pictures_arrive_as_one_album_where_that_is_promised",
    ),
    Cell.VOICE: Proof(
        "test_a_voice_message_is_one_and_can_be_fetched",
        "test_a_file_of_each_kind_arrives_byte_for_byte_as_what_is_promised",
    ),
    Cell.PLACE: Proof("test_a_place_is_heard_as_one", "test_a_place_arrives_as_a_pin_or_as_a_link"),
    Cell.CARD: Proof(
        "test_a_contact_card_is_heard_as_one", "test_a_contact_card_arrives_as_one_or_in_words"
    ),
    Cell.GROUP: Proof(
        "test_members_of_a_group_are_told_apart_in_one_thread",
        "test_a_reply_goes_into_the_thread_of_its_question",
    ),
    Cell.FIRST: Proof(
        "test_the_longest_text_that_can_be_written_is_heard_whole",
        "test_who_is_written_to_first_answers_there_where_that_is_promised",
    ),
}
