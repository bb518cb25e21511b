"""Names that Slack sends back to us. They stand in old messages for ever: never rename one."""

from typing import Final

COMMAND: Final = "/loop"
SHORTCUT_LOG_FEEDBACK: Final = "log_feedback"

# Buttons of a case: the value is the case's id.
TAKE: Final = "case_take"
ASSIGN: Final = "case_assign"
ADD_TASK: Final = "case_add_task"
LOG_CONTACT: Final = "case_log_contact"
WRITE: Final = "case_write"
RESOLVE: Final = "case_resolve"
TELL: Final = "case_tell"
LOG_TOLD: Final = "case_log_told"
EXCUSE: Final = "case_excuse"
REOPEN: Final = "case_reopen"
NOTE: Final = "case_note"
WHY_ME: Final = "case_why"
OPEN_CASE: Final = "case_open"

# Buttons of a mail that waits or whose outcome is unclear: the value is the outreach's id.
TAKE_BACK: Final = "mail_take_back"
MAIL_ARRIVED: Final = "mail_arrived"
MAIL_LOST: Final = "mail_lost"

# Buttons of a task: the value is the task's id.
TASK_DO: Final = "task_do"
TASK_CANCEL: Final = "task_cancel"
TASK_HAND_OVER: Final = "task_hand_over"

# Buttons of a question to a manager: the value is the approval's id.
APPROVE: Final = "excuse_approve"
DECLINE: Final = "excuse_decline"

# The admins' button in the App Home: the value is the latest dead letter's id; all of them are sent again.
SEND_AGAIN: Final = "deadletters_retry"

# Modals: the callback id; private_metadata holds the id of the row, and nothing else.
MODAL_ASSIGN: Final = "assign"
MODAL_ADD_TASK: Final = "add_task"
MODAL_LOG_CONTACT: Final = "log_contact"
MODAL_LOG_TOLD: Final = "log_told"
MODAL_WRITE: Final = "write"
MODAL_TELL: Final = "tell"
MODAL_PREVIEW: Final = "preview"
MODAL_RESOLVE: Final = "resolve"
MODAL_EXCUSE: Final = "excuse"
MODAL_DECLINE: Final = "decline"
MODAL_REOPEN: Final = "reopen"
MODAL_NOTE: Final = "note"
MODAL_TASK_DO: Final = "task_do"
MODAL_TASK_CANCEL: Final = "task_cancel"
MODAL_TASK_HAND_OVER: Final = "task_hand_over"
MODAL_ADD_FEEDBACK: Final = "add_feedback"

METADATA_EVENT: Final = "hearback_intent"
"""The metadata's event type of every message that we post; its payload holds the intent's key."""
