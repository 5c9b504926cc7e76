"""What is told without a session: topics of the rooms and of running matches.

`lobbyfeed` holds the topics of one lobby, `feeds` those of the server.
"""
