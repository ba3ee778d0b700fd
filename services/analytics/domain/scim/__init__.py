"""SCIM 2.0 (RFC 7643, 7644) as far as an organisation tells us its people and teams with it: no I/O.

Users are entries of the roster, Groups are teams. Of a user is kept what places a person (identities, team, role,
location, relation); names, telephone numbers and the like are taken and left out.
"""
