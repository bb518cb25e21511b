"""The policy of the stories: Lumen Desk, with three departments and one manager. Zoe is in none of them."""

POLICY = """
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
languages = ["en", "de"]
admins = ["UNORA"]
managers = ["UNORA"]
manager_channel = "#managers"
reopen_within = 90
valuable_account = 50_000

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA", "UBEN"]

[[department]]
key = "billing"
name = "Billing"
channel = "#billing"
lead = "UGRETA"
members = ["UGRETA", "UHUGO"]

[[department]]
key = "product"
name = "Product"
channel = "#product"
lead = "UELIF"
members = ["UELIF"]

[[rule]]
name = "Money"
when = { words = ["invoice*", "refund*"] }
department = "billing"
urgency = "normal"

[[rule]]
name = "It broke"
when = { words = ["crash*"] }
department = "support"
also = ["product"]
urgency = "high"

[mail]
from = "Lumen Desk <care@lumendesk.example>"
reply_to = "care@lumendesk.example"
delay = "2m"

[mail.wording.de]
told_subject = "Was wir geändert haben"
told_body = "Guten Tag {customer},\\n\\n{what_changed}\\n\\n{owner}"
contact_subject = "Ihre Rückmeldung"
contact_body = "Guten Tag {customer},\\n\\nwas ist geschehen?\\n\\n{owner}"
"""
