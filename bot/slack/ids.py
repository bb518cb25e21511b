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
PAUSE: Final = "case_pause"
RESUME: Final = "case_resume"
SNOOZE: Final = "case_snooze"
PROMISE: Final = "case_promise"

# Buttons of a mail that waits or whose outcome is unclear: the value is the outreach's id.
TAKE_BACK: Final = "mail_take_back"
MAIL_ARRIVED: Final = "mail_arrived"
MAIL_LOST: Final = "mail_lost"

# Buttons of a task: the value is the task's id.
TASK_DO: Final = "task_do"
TASK_CANCEL: Final = "task_cancel"
TASK_HAND_OVER: Final = "task_hand_over"

# Buttons of a promise to the customer: the value is the promise's id.
PROMISE_KEPT: Final = "promise_kept"
PROMISE_WITHDRAW: Final = "promise_withdraw"

# Buttons of a question to a manager: the value is the approval's id.
APPROVE: Final = "excuse_approve"
DECLINE: Final = "excuse_decline"

# The button that shows what a changed policy would do to open cases: the value is the policy's version.
LIMITS: Final = "limits_look"

# Buttons of an umbrella, a post for many cases: the value is the umbrella's id.
UMBRELLA_ALL: Final = "umbrella_all"
UMBRELLA_TAKE: Final = "umbrella_take"
UMBRELLA_RESOLVE: Final = "umbrella_resolve"

# The button that shows who answered in confidence: the value is the case's id, and each press is written down.
REVEAL: Final = "case_reveal"

# Buttons of a question about a form: the value is the alarm's id.
SAY_SCALE: Final = "alarm_scale"
SCALE_RIGHT: Final = "reversal_right"
SCALE_TURN: Final = "reversal_turn"

# Buttons in the App Home of whoever is away, or back; their value says nothing.
AWAY: Final = "away_say"
BACK: Final = "away_back"

# The admins' button in the App Home: the value is the latest dead letter's id; all of them are sent again.
SEND_AGAIN: Final = "deadletters_retry"

# The report: the button that asks for a link, and the link itself, which Slack tells us of as well.
REPORT: Final = "report"
LINK: Final = "link"

# Buttons of a digest's post: the value is the run's id; the block id says which figure, list or item it is about.
FIGURE: Final = "digest_figure"
LIST: Final = "digest_list"
HUDDLE_YES: Final = "huddle_yes"
HUDDLE_NO: Final = "huddle_no"

# How things stand, in a manager's App Home and in what /loop status answers: the value says nothing, the block id says
# which figure, of how many days, and whose.
TEAM_DEPARTMENT: Final = "team_department"
TEAM_OPEN: Final = "team_open"
TEAM_OVERDUE: Final = "team_overdue"
TEAM_UNOWNED: Final = "team_unowned"
TEAM_FIGURE: Final = "team_figure"
STATUS_POST: Final = "status_post"

# Buttons of the list of digests: the value is the schedule's id, or 0 for one that is yet to be made.
DIGESTS: Final = "digests_open"
DIGEST_NEW: Final = "digest_new"
DIGEST_EDIT: Final = "digest_edit"
DIGEST_LOOK: Final = "digest_look"
DIGEST_OFF: Final = "digest_off"
DIGEST_ON: Final = "digest_on"

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
MODAL_PAUSE: Final = "pause"
MODAL_SNOOZE: Final = "snooze"
MODAL_PROMISE: Final = "promise"
MODAL_PROMISE_WITHDRAW: Final = "promise_withdraw"
MODAL_UMBRELLA_RESOLVE: Final = "umbrella_resolve"
MODAL_SCALE: Final = "scale"
MODAL_LIMITS: Final = "limits"
MODAL_AWAY: Final = "away"
MODAL_ADD_FEEDBACK: Final = "add_feedback"
MODAL_DIGEST: Final = "digest"
MODAL_DIGEST_DRAFT: Final = "digest_draft"
MODAL_DIGEST_POST: Final = "digest_post"

METADATA_EVENT: Final = "hearback_intent"
"""The metadata's event type of every message that we post; its payload holds the intent's key."""
