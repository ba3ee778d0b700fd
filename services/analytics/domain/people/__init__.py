"""People: what an organisation's HR file says, what that changes, who two persons may be, and who was where when.

Names come in nowhere: a person is an id, a reference of the organisation, and identities.
"""
