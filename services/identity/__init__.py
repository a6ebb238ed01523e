"""Identity: people, the organisations they belong to, and what they may do.

Owns organisations and people; Cognito keeps their passwords. Publishes OrganisationFounded and
PersonInvited. Listens to nothing.
"""
