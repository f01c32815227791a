"""Inline keyboards: what Telegram refuses about them."""

from sandbox.payload import Json
from sandbox.telegram.call import Call
from sandbox.telegram.refusals import bad_request

DATA_BYTES_MAX = 64
BUTTONS_MAX = 100


def reply_markup(call: Call) -> Json | None:
    """The `reply_markup` of a request, checked when it is an inline keyboard."""
    markup = call.json_object("reply_markup")
    if markup is not None and "inline_keyboard" in markup:
        _check_rows(markup["inline_keyboard"])
    return markup


def button_data(markup: Json | None) -> set[str]:
    """The callback data of every button."""
    rows = (markup or {}).get("inline_keyboard", [])
    return {button["callback_data"] for row in rows for button in row if "callback_data" in button}


def _check_rows(rows: object) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('can\'t parse inline keyboard: Field "inline_keyboard" must be an Array')
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS_MAX:
        raise bad_request("reply markup is too long")
    for button in buttons:
        _check_button(button)


def _check_button(button: object) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: Object expected")
    if len(button) < 2:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    data = button.get("callback_data", " ")
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= DATA_BYTES_MAX:
        raise bad_request("BUTTON_DATA_INVALID")
